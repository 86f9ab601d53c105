"""The data map: plain fideslang is taken as it is, our notes are read, and every fault is told at once."""

from datetime import date
from pathlib import Path

import pytest

from portal.config import HERE
from portal.fulfilment.mask import KnownValues, Tokens, marker
from portal.sources import DataMap, DataMapFault, load_data_map
from portal.sources.duration import Duration
from portal.sources.model import Action, Erase, FieldRef, Mask, Provided, say

PLAIN = """
dataset:
  - fides_key: clinic
    name: Clinic
    description: As a Fides user would have written it.
    collections:
      - name: visit
        fides_meta: {after: [clinic.patient]}
        fields:
          - name: seen_at
            data_categories: [user.health_and_medical]
          - name: patient_id
            fides_meta:
              data_type: integer
              references:
                - {dataset: clinic, field: patient.id, direction: from}
          - name: id
            fides_meta: {primary_key: true}
      - name: patient
        fields:
          - name: id
            fides_meta: {primary_key: true}
          - name: email
            fidesops_meta: {identity: email}
          - name: address
            fides_meta: {data_type: object}
            fields:
              - {name: street, data_categories: [user.contact.address.street]}
      - name: left_out
        fides_meta: {skip_processing: true}
        fields: [{name: id}]
"""


def read(folder: Path, **files: str) -> DataMap:
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return load_data_map(folder)


def faults(folder: Path, text: str) -> list[str]:
    try:
        return [str(remark) for remark in read(folder, clinic=text).remarks]
    except DataMapFault as wrong:
        return [str(fault) for fault in wrong.faults]


def test_a_manifest_written_for_fides_is_read_unchanged(tmp_path: Path) -> None:
    found = read(tmp_path, clinic=PLAIN)
    assert list(found.collections) == ["clinic.visit", "clinic.patient"]
    visit = found.collections["clinic.visit"]
    assert [each.name for each in visit.fields] == ["seen_at", "patient_id", "id"]
    assert visit.primary_key == ("id",)
    assert visit.erase is Erase.DEIDENTIFY
    assert [each.name for each in visit.fields if each.mask is Mask.NULL] == ["seen_at"]
    assert not found.remarks
    assert [(str(edge.origin), str(edge.target)) for edge in found.edges] == [
        ("clinic.patient.id", "clinic.visit.patient_id")
    ]
    assert [(identity.ref, identity.kind) for identity in found.identities] == [
        (FieldRef("clinic.patient", "email"), "email")
    ]


def test_an_edge_is_the_same_from_either_end(tmp_path: Path) -> None:
    other_end = PLAIN.replace(
        """
              references:
                - {dataset: clinic, field: patient.id, direction: from}""",
        "",
    ).replace(
        """      - name: patient
        fields:
          - name: id
            fides_meta: {primary_key: true}""",
        """      - name: patient
        fields:
          - name: id
            fides_meta: {primary_key: true, references: [{dataset: clinic, field: visit.patient_id, direction: to}]}""",
    )
    assert other_end != PLAIN
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert read(tmp_path / "one", a=PLAIN).edges == read(tmp_path / "two", a=other_end).edges


def test_every_note_of_the_demo_is_read() -> None:
    found = load_data_map(HERE / "sources" / "manifests")
    assert len(found.collections) >= 25
    assert set(found.sources) == {"medbook", "medbook_support"}
    accounts = found.collections["medbook.accounts"]
    assert say(accounts.title, "nl") == "Account"
    assert accounts.field("email").on_file
    assert accounts.field("full_name").is_name
    assert not accounts.field("password_hash").release
    assert accounts.changed_at == "email_changed_at"
    invoices = found.collections["medbook.invoices"]
    assert invoices.hold is not None
    assert invoices.hold.article
    assert found.collections["medbook.disclosures"].recipients is not None
    assert found.collections["medbook.assessments"].provided is Provided.OTHERS
    assert found.collections["medbook.assessments"].supplement is not None
    assert found.collections["medbook.assessments"].field("author_id").mentions
    assert found.collections["medbook.assessments"].field("subject_id").mask is Mask.UNLINK
    restrict = found.collections["medbook.processing_flags"].flag("restrict", "usage")
    assert restrict is not None
    assert restrict.action is Action.INSERT
    languages = [set(each.title) for each in found.collections.values()]
    assert all(each == {"nl", "fr", "de", "en"} for each in languages)


def test_a_rule_for_the_activity_itself_beats_the_star(tmp_path: Path) -> None:
    notes = """
    meta:
      patient: {restrict: {"*": {set: {email: star}}, research: {set: {email: own}}}}
    collections:"""
    patient = read(tmp_path, clinic=PLAIN.replace("\n    collections:", notes)).collections["clinic.patient"]
    assert [patient.flag("restrict", name).values["email"] for name in ("research", "other")] == ["own", "star"]  # type: ignore[union-attr]
    assert patient.flag("object", "research") is None


def test_every_fault_is_told_at_once_with_file_path_and_what_to_do(tmp_path: Path) -> None:
    text = PLAIN.replace("identity: email", "identity: email, on_file: true").replace(
        "\n    collections:",
        """
    meta:
      patient: {erase: shred, colour: red, hold: {start: nothing, duration: ten years}, changed_at: nowhere}
      visit.seen_at: {erase: forget}
      nobody: {title: {en: x}}
    colections: []
    collections:""",
        1,
    )
    told = faults(tmp_path, text)
    for path in (
        "dataset.0.colections",
        "collections.patient.fields.email.fidesops_meta",
        "meta.patient.erase",
        "meta.patient.colour",
        "meta.patient.hold.duration",
        "meta.patient.hold.article",
        "meta.patient.hold.law",
        "meta.patient.changed_at",
        "meta.visit.seen_at.erase",
        "meta.nobody",
    ):
        assert any(path in each for each in told), path
    assert all(each.startswith("clinic.yml: ") and each.endswith(".") for each in told)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("patient.id, direction", "patient.number, direction", "references"),
        ("patient.id, direction", "patients.id, direction", "references"),
        ("patient.id, direction", "patient, direction", "references"),
        ("direction: from", "direction: sideways", "direction"),
        ("{identity: email}", "{primary_key: false}", "identity"),
        ("dataset: clinic, field: patient.id", "dataset: klinik, field: patient.id", "references"),
        ("fides_key: clinic", "fides_key: clinic!", "fides_key"),
        ("dataset:\n", "datasets:\n", "datasets"),
        ("name: Clinic\n", "name: Clinic\n    name: Twice\n", "line"),
        ("direction: from", "direction: to", "No person is ever found here"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, old: str, new: str, path: str) -> None:
    assert old in PLAIN
    assert any(path in each for each in faults(tmp_path, PLAIN.replace(old, new)))


def test_a_source_is_described_once_and_a_folder_without_manifests_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(DataMapFault, match="no manifest"):
        load_data_map(tmp_path)
    with pytest.raises(DataMapFault, match="used twice"):
        read(tmp_path, one=PLAIN, two=PLAIN)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("P7Y", date(2020, 2, 29), date(2027, 2, 28)),
        ("P1M", date(2026, 1, 31), date(2026, 2, 28)),
        ("P18M", date(2026, 8, 31), date(2028, 2, 29)),
        ("P2W1D", date(2026, 12, 25), date(2027, 1, 9)),
    ],
)
def test_a_duration_counts_on_the_calendar(text: str, start: date, end: date) -> None:
    assert Duration.parse(text).after(start) == end


@pytest.mark.parametrize("text", ["", "P", "7Y", "P7", "PT1H", "P-1Y", "P1Y2"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        Duration.parse(text)


def known(*values: str, name: str = "") -> KnownValues:
    words = KnownValues()
    for value in values:
        words.add(value)
    words.add(name, name=True)
    return words


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ask Ada Byron.", "Ask [erased]."),
        ("ADA\n  byron", "[erased]"),
        ("Byron, Ada; Byron Ada", "[erased]; [erased]"),
        ("Mada Byronson", "Mada Byronson"),
        ("ada@example.org.uk ada@example.org", "[erased].uk [erased]"),
        ('{"who": "Ada Byron", "n": [1, "x ada@example.org"]}', '{"who": "[erased]", "n": [1, "x [erased]"]}'),
        ('{"caf\\u00e9": "nothing"}', '{"caf\\u00e9": "nothing"}'),
        ("{not json, Ada Byron", "{not json, [erased]"),
        ("Bo is too short a word", "Bo is too short a word"),
    ],
)
def test_the_person_is_taken_out_of_text_and_json_by_whole_words(text: str, clean: str) -> None:
    assert known("ada@example.org", "Bo", name="Ada Byron").redacted(text) == clean


def test_the_longest_value_goes_first_and_accents_in_escaped_json_are_seen() -> None:
    words = known("Jan Peeters", "Jan Peeters-Öz")
    assert words.redacted("Jan Peeters-Öz") == "[erased]"
    assert words.redacted('{"a": "Jan Peeters-\\u00d6z"}') == '{"a": "[erased]"}'
    assert words.redacted_json({"Jan Peeters": [True, 3, None]}) == {"[erased]": [True, 3, None]}


def test_a_token_is_alike_within_a_run_untraceable_after_it_and_stays_what_it_is() -> None:
    tokens = Tokens()
    token = tokens.token("session-1", 20)
    assert token == tokens.token("session-1", 20) != tokens.token("session-2", 20)
    assert len(token) == 20
    assert Tokens().token("session-1", 20) != token
    assert Tokens().token(token, 20) == token
    assert (marker(None), marker(5), marker(None, (7, "a"))) == ("[erased]", "[eras", "erased-7-a")


def test_what_fides_would_drop_is_told_and_dropped_too(tmp_path: Path) -> None:
    found = read(
        tmp_path, clinic=PLAIN.replace("fides_meta: {primary_key: true}", "fides_meta: {primery_key: true}", 1)
    )
    assert ["primery_key" in str(remark) for remark in found.remarks] == [True]
    assert found.collections["clinic.visit"].primary_key == ()


def test_a_file_for_fides_may_hold_other_things_and_notes_of_others(tmp_path: Path) -> None:
    told = PLAIN.replace("dataset:", "system: []\npolicy: []\ndataset:", 1)
    told = told.replace("    collections:", "    meta: {owner: the clinic}\n    collections:", 1)
    found = read(tmp_path, clinic=told, others="system:\n  - fides_key: s\n")
    assert not found.remarks
    assert set(found.sources) == {"clinic"}


def test_a_collection_that_fides_deletes_is_deleted(tmp_path: Path) -> None:
    visit = "fides_meta: {after: [clinic.patient], masking_strategy_override: {strategy: delete}}"
    found = read(tmp_path, clinic=PLAIN.replace("fides_meta: {after: [clinic.patient]}", visit))
    assert found.collections["clinic.visit"].erase is Erase.DELETE
    assert found.collections["clinic.visit"].after == ("clinic.patient",)
    assert found.collections["clinic.patient"].field("address").inner[0].path == ("street",)
