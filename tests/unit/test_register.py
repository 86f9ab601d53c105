"""The register: every row of clauses 3 to 5 with its traps, four languages, and all faults at once."""

import re
import shutil
from pathlib import Path

import pytest

import portal.register
from portal.register import LANGUAGES, ROW_TEXTS, Register, RegisterFaulty, load_register
from portal.rights.base import Basis

REGISTER = load_register()
ROWS = [row.slug for row in REGISTER.rows]
CLAUSES = {
    "logs": ("3.1.1", Basis.LEGITIMATE_INTEREST),
    "account": ("3.1.1", Basis.CONTRACT),
    "devices": ("3.1.1", Basis.LEGITIMATE_INTEREST),
    "usage": ("3.1.1", Basis.LEGITIMATE_INTEREST),
    "research": ("3.1.1", Basis.CONSENT),
    "contract": ("3.2.1", Basis.CONTRACT),
    "contract-company": ("3.2.1", Basis.LEGITIMATE_INTEREST),
    "administration": ("3.2.1", Basis.LEGITIMATE_INTEREST),
    "communication": ("3.3.1", Basis.LEGITIMATE_INTEREST),
    "helpdesk": ("3.3.1", Basis.LEGITIMATE_INTEREST),
    "legal-duty": ("3.4.1", Basis.LEGAL_OBLIGATION),
    "fraud": ("3.4.1", Basis.LEGAL_OBLIGATION),
    "legal-claims": ("3.4.1", Basis.LEGITIMATE_INTEREST),
    "merger": ("3.4.1", Basis.LEGITIMATE_INTEREST),
    "committee": ("4.1", Basis.LEGITIMATE_INTEREST),
    "marketing": ("7.7", Basis.LEGITIMATE_INTEREST),
    "portal": ("7.9", Basis.LEGAL_OBLIGATION),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a copy of the register that a test may spoil."""
    copy = tmp_path / "register"
    shutil.copytree(Path(portal.register.__file__).parent, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def faults(folder: Path) -> tuple[str, ...]:
    with pytest.raises(RegisterFaulty) as caught:
        load_register(folder)
    return caught.value.faults


def every_text(register: Register) -> dict[str, dict[str, str]]:
    texts = {f"{row.slug}.{key}": dict(row.texts[key]) for row in register.rows for key in ROW_TEXTS}
    texts |= {f"general.{key}": dict(each) for key, each in register.general.items()}
    texts |= {f"recipient.{r.slug}": dict(r.name) for row in register.rows for r in row.recipients}
    texts |= {f"transfer.{t.slug}": dict(t.texts) for row in register.rows for t in row.transfers}
    texts |= {f"joint.{j.slug}": dict(j.texts) for row in register.rows for j in row.joint_controllers}
    return texts | {f"warning.{w.slug}": dict(w.texts) for w in register.warnings}


def test_every_row_of_the_policy_is_there_with_its_clause_and_basis() -> None:
    assert {row.slug: (row.activity.clause, row.activity.basis) for row in REGISTER.rows} == CLAUSES


def test_one_purpose_rests_on_consent_and_one_row_of_3_2_1_is_two() -> None:
    assert [row.slug for row in REGISTER.rows if row.activity.basis is Basis.CONSENT] == ["research"]
    assert REGISTER.activity("contract").basis is not REGISTER.activity("contract-company").basis


def test_the_four_rows_of_3_4_follow_from_the_others() -> None:
    follow = [row.slug for row in REGISTER.rows if row.activity.consequential]
    assert follow == ["legal-duty", "fraud", "legal-claims", "merger"]


def test_the_committee_and_marketing_have_switches_and_warn_that_clause_3_has_no_row() -> None:
    switches = {row.slug: {w.slug for w in row.warnings} for row in REGISTER.rows if row.activity.switch}
    assert switches == {"committee": {"committee-no-row"}, "marketing": {"marketing-no-row"}}


def test_only_server_logs_are_said_to_identify_nobody_and_the_text_says_how_to_help() -> None:
    assert [row.slug for row in REGISTER.rows if not row.activity.identifiable] == ["logs"]
    for language in LANGUAGES:
        assert re.search(r"IP.*art\.\s11", REGISTER.row("logs").text("data", language), re.IGNORECASE)


@pytest.mark.parametrize(
    ("slug", "event", "duration", "at_least"),
    [
        ("logs", "visit", "P12M", False),
        ("account", "deletion_requested", "P0D", False),
        ("research", "consent_withdrawn", "P0D", False),
        ("contract", "contract_ended", "P10Y", True),
        ("contract-company", "contract_ended", "P10Y", True),
        ("administration", "contract_ended", "P10Y", True),
        ("helpdesk", "ticket_closed", "P5Y", False),
        ("portal", "case_closed", "P2Y", False),
    ],
)
def test_the_periods_of_clause_5_are_there_for_machines(slug: str, event: str, duration: str, at_least: bool) -> None:
    rule = REGISTER.row(slug).retention_rule
    assert rule is not None
    assert (rule.event, rule.duration, rule.at_least) == (event, duration, at_least)


@pytest.mark.parametrize("slug", ["devices", "usage", "communication"])
def test_where_the_policy_promises_no_period_there_is_no_rule_but_a_warning(slug: str) -> None:
    assert REGISTER.row(slug).retention_rule is None
    assert REGISTER.row(slug).warnings


def test_the_operator_is_warned_of_every_trap_of_the_policy() -> None:
    warned = {(warning.slug, warning.clause) for warning in REGISTER.warnings}
    assert {
        ("logs-unidentifiable", "3.1.1"),
        ("no-maximum-contract", "5.5"),
        ("no-maximum-communication", "5.6"),
        ("marketing-no-row", "7.7"),
        ("no-extension", "7.9"),
        ("id-card-for-all", "7.9"),
    } <= warned


def test_recipients_have_a_category_and_where_known_a_name() -> None:
    for row in REGISTER.rows:
        assert row.recipients
    hosting = next(each for each in REGISTER.row("account").recipients if each.slug == "hosting")
    assert hosting.kind == "supplier"
    assert hosting.text("en") == f"{hosting.name['en']}: {hosting.named[0].name}"
    named = [party for row in REGISTER.rows for each in row.recipients for party in each.named]
    assert all("example" in party.contact for party in named)


def test_joint_controllers_have_a_name_and_a_contact() -> None:
    joint = REGISTER.row("account").joint_controllers
    assert {each.slug for each in joint} == {"school", "employer", "association"}
    assert all(each.name and "@" in each.contact for each in joint)


def test_only_contracts_and_mergers_may_leave_the_economic_area() -> None:
    leaving = {row.slug for row in REGISTER.rows if row.transfers}
    assert leaving == {"contract", "contract-company", "administration", "merger"}


def test_aggregated_store_figures_are_said_not_to_be_personal_data() -> None:
    for language in LANGUAGES:
        assert "Apple" in REGISTER.text("aggregated", language)


@pytest.mark.parametrize("name", every_text(REGISTER))
def test_a_text_is_there_in_four_languages_and_none_is_a_copy(name: str) -> None:
    texts = every_text(REGISTER)[name]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() and "!" not in text for text in texts.values())
    assert len(set(texts.values())) == len(LANGUAGES)


@pytest.mark.parametrize("slug", ROWS)
def test_every_language_cites_the_same_clauses(slug: str) -> None:
    for key in ROW_TEXTS:
        cited = {
            language: sorted(re.findall(r"\b[2-9]\.\d", REGISTER.row(slug).text(key, language)))
            for language in LANGUAGES
        }
        assert len({tuple(each) for each in cited.values()}) == 1, (key, cited)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_longer_than_people_like_to_read(language: str) -> None:
    for name, texts in every_text(REGISTER).items():
        for sentence in re.split(r"(?<=[a-zà-ÿ)])[.;] ", texts[language]):
            assert len(sentence.split()) <= 25, (name, sentence)


def test_versions_are_pinned_and_the_digest_tells_a_change(folder: Path) -> None:
    assert REGISTER.policy_version == "2021-05-14"
    assert REGISTER.version.startswith(REGISTER.policy_version)
    assert load_register(folder).digest == REGISTER.digest
    spoil(folder / "texts" / "en.yml", "We do not send", "We never send")
    assert load_register(folder).digest != REGISTER.digest


def test_a_row_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        REGISTER.row("nothing")
    with pytest.raises(KeyError):
        REGISTER.row("account").text("title", "xx")


def test_all_faults_are_told_at_once(folder: Path) -> None:
    spoil(folder / "manifests" / "1-services.yml", "user.telemetry", "user.nonsense")
    spoil(folder / "manifests" / "1-services.yml", "data_use: essential.service.security", "data_use: spying")
    spoil(folder / "manifests" / "3-contact.yml", "duration: P5Y", "duration: five years")
    spoil(folder / "manifests" / "5-switches.yml", "recipients: [committee]", "recipients: [nobody]")
    spoil(folder / "texts" / "fr.yml", "    title: Recherche scientifique", '    title: ""')
    told = "\n".join(faults(folder))
    for fault in ("user.nonsense", "spying", "P12M", "nobody", "rows.research.title"):
        assert fault in told


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("manifests/1-services.yml", "Consent\n", "Because\n", "legal_basis_for_processing"),
        ("manifests/1-services.yml", "Consent\n", "Vital interests\n", "research: the legal basis"),
        (
            "manifests/1-services.yml",
            "        data_use: third",
            "        data_usage: x\n        data_use: third",
            "data_usage",
        ),
        ("manifests/1-services.yml", "order: 20", "order: 10", "order 10 is there twice"),
        ("manifests/2-contracts.yml", "- name: administration", "- name: contract", "row contract is there twice"),
        ("manifests/2-contracts.yml", "        administration:\n", "        other:\n", "meta.rows.other"),
        ("manifests/3-contact.yml", "system:", "systems:", "has no list `system`"),
        ("manifests/3-contact.yml", "name: Contact and helpdesk", "name: A\n    name: B", "duplicate key"),
        ("register.yml", "policy_version:", "policy:", "policy_version"),
        ("register.yml", "general_warnings: [", "general_warnings: [unheard-of, ", "unheard-of"),
        ("texts/de.yml", "  joint:", "  jointly:", "de: general.joint is missing or empty"),
        ("texts/en.yml", "rows:\n", "rows:\n  extra: {}\n", "rows.extra belongs to no row"),
    ],
)
def test_a_fault_names_its_place(folder: Path, file: str, old: str, new: str, fault: str) -> None:
    spoil(folder / file, old, new)
    assert any(fault in each for each in faults(folder))


def test_a_missing_language_is_a_fault(folder: Path) -> None:
    (folder / "texts" / "de.yml").unlink()
    assert any(each.startswith("de.yml") for each in faults(folder))
