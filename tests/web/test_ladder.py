"""The ladder of proof, from the landing page to the sources: by mail alone, at once or by the desk, and by file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.engine import Engine

from portal.accounts.models import Role
from portal.app import make_worker
from portal.cases.access import decision_of
from portal.cases.lifecycle import Identity, Status
from portal.cases.models import Case
from portal.cli import register_commands
from portal.clock import now
from portal.config import Settings, SourceUrls
from portal.demo.medbook import build, demo_people
from portal.demo.medbook.schema_business import consents
from portal.rights.ladder import LadderFaulty
from portal.verify import breaches
from tests.support.portals import make_settings, portal
from tests.support.visitors import signed_in
from tests.support.walks import ANSWERS, CONTACT, Walk, main_of

PEOPLE = demo_people()
JONAS = PEOPLE.shown["withdraw"]
MOVED = next(each for each in PEOPLE.people if each.moved)
MARKETING = {"about": ["some", "marketing"]}
AT_ONCE = pytest.mark.parametrize(
    ("right", "about"), [("withdraw", ANSWERS["withdraw"]["about"]), ("object", MARKETING)]
)


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, SourceUrls]:
    urls = {key: f"sqlite:///{tmp_path / key}.db" for key in ("medbook", "medbook_support")}
    build(urls["medbook"], urls["medbook_support"], now(), people=60)
    return {key: SourceUrls(url, url) for key, url in urls.items()}


@pytest.fixture
def medbook(sources: dict[str, SourceUrls]) -> Iterator[Engine]:
    engine = create_engine(sources["medbook"].read)
    yield engine
    engine.dispose()


@pytest.fixture
def medbook_app(tmp_path: Path, migrated: Path, sources: dict[str, SourceUrls]) -> Iterator[Flask]:
    with portal(make_settings(tmp_path, demo=True, smtp=None, source_urls=sources), migrated) as app:
        yield app


def send(app: Flask, right: str, about: dict[str, Any], email: str) -> Walk:
    """Ask ``right`` from ``email`` at a browser, sign and send, and let the worker do its jobs."""
    walk = Walk(app)
    walk.choose(right).fill(about).fill({**CONTACT, "contact-email": email}).confirm()
    assert walk.step == "sign", "no card is asked"
    walk.sign().fill({})
    with app.app_context():
        make_worker(app).run_until_idle()
    return walk


def consent_of(medbook: Engine, account: int | None) -> bool:
    with medbook.connect() as connection:
        wanted = select(consents.c.granted).where(consents.c.account_id == account, consents.c.purpose == "research")
        return bool(connection.scalar(wanted))


def sound(walk: Walk) -> Case:
    with walk.database.reader() as session:
        assert list(breaches(session)) == []
        case = session.scalars(select(Case).where(Case.conversation_id == walk.conversation)).one()
        assert decision_of(session, case) is None
        return case


@AT_ONCE
def test_from_an_address_on_file_it_is_carried_out_at_once_and_nobody_decides(
    medbook_app: Flask, right: str, about: dict[str, Any]
) -> None:
    walk = send(medbook_app, right, about, JONAS.email)
    case = sound(walk)
    assert (case.status, case.identity, case.needs_card) == (Status.CARRIED_OUT, Identity.MAILBOX, False)
    assert "Carried out" in main_of(walk.client.get(f"/en/s/{case.id}"))


def test_a_permission_taken_back_from_an_address_on_file_is_gone_at_the_source(
    medbook_app: Flask, medbook: Engine
) -> None:
    assert consent_of(medbook, JONAS.account_id)
    send(medbook_app, "withdraw", ANSWERS["withdraw"]["about"], JONAS.email)
    assert not consent_of(medbook, JONAS.account_id)


@AT_ONCE
@pytest.mark.parametrize("email", [MOVED.email, "stranger@example.org"], ids=["changed lately", "not on file"])
def test_from_any_other_address_the_desk_looks_that_day_and_nothing_is_changed(
    medbook_app: Flask, medbook: Engine, right: str, about: dict[str, Any], email: str
) -> None:
    before = consent_of(medbook, MOVED.account_id)
    case = sound(send(medbook_app, right, about, email))
    assert (case.status, case.identity, case.on_file) == (Status.IDENTITY, Identity.OPEN, False)
    assert not case.needs_card
    assert case.carried_out_at is None
    assert consent_of(medbook, MOVED.account_id) is before
    queue = main_of(signed_in(medbook_app, Role.REVIEWER).get("/desk/"))
    assert case.reference in queue


# -- the ladder that an operator writes


@pytest.fixture
def lighter(tmp_path: Path) -> Settings:
    return with_ladder(tmp_path, '[proof]\nrestrict = "email"\n')


def with_ladder(folder: Path, content: str) -> Settings:
    path = folder / "ladder.toml"
    path.write_text(content, encoding="utf-8")
    return make_settings(folder, demo=True, smtp=None, ladder_file=path)


def test_a_right_set_to_email_is_sent_without_a_card_and_waits_for_the_desk(lighter: Settings, migrated: Path) -> None:
    with portal(lighter, migrated) as app:
        walk = Walk(app)
        walk.choose("restrict").answer("restrict").confirm()
        assert walk.step == "sign"
        assert "Identity card" not in walk.page()
        assert walk.client.get(walk.at("identity")).status_code == 303
        walk.sign().fill({})
        case = walk.case()
        assert (case.needs_card, case.at_once, case.status) == (False, False, Status.RECEIVED)
        page = main_of(signed_in(app, Role.REVIEWER).get(f"/desk/cases/{case.id}"))
        assert "This right asks no card." in page


def test_the_rights_it_does_not_name_still_ask_a_card(lighter: Settings, migrated: Path) -> None:
    with portal(lighter, migrated) as app:
        walk = Walk(app)
        walk.choose("access").answer("access").confirm()
        assert walk.step == "identity"


def test_the_landing_page_speaks_of_a_card_only_where_one_may_be_asked(tmp_path: Path, migrated: Path) -> None:
    every = '[proof]\naccess="email"\nrectify="email"\nerase="email"\nrestrict="email"\nobject="email"\nport="email"\n'
    with portal(make_settings(tmp_path), migrated) as app:
        assert "Have your identity card at hand" in main_of(app.test_client().get("/en/"))
    with portal(with_ladder(tmp_path, every), migrated) as app:
        assert "identity card at hand" not in main_of(app.test_client().get("/en/"))


def test_a_portal_that_would_ask_a_card_to_take_a_permission_back_does_not_start(
    tmp_path: Path, migrated: Path
) -> None:
    settings = with_ladder(tmp_path, '[proof]\nwithdraw = "id_front"\n')
    with pytest.raises(LadderFaulty, match=r"Art\. 7\(3\) GDPR"), portal(settings, migrated):
        pass


def test_the_operator_is_told_what_counts_and_what_the_guidelines_say(lighter: Settings, migrated: Path) -> None:
    with portal(lighter, migrated) as app:
        register_commands(app)
        told = app.test_cli_runner().invoke(args=["ladder"]).output
    shown = dict(line.split() for line in told.partition("\n\n")[0].splitlines())
    assert shown["restrict"] == shown["withdraw"] == shown["object:marketing"] == "email"
    assert shown["access"] == shown["object"] == "id_front"
    assert "EDPB Guidelines 01/2022" in told


def test_the_file_is_named_in_the_environment(tmp_path: Path) -> None:
    given = {"PORTAL_SECRET_KEY": "x" * 32, "PORTAL_KEY_FILE": "keys", "PORTAL_BASE_URL": "http://localhost"}
    chosen = Settings.from_env({**given, "PORTAL_SMTP_HOST": "127.0.0.1", "PORTAL_LADDER_FILE": str(tmp_path / "own")})
    assert chosen.ladder_file == tmp_path / "own"
