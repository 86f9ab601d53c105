"""The seven rights, each from the first page to the carried-out answer, in a real browser with script off."""

import json
import zipfile
from pathlib import Path

from sqlalchemy import create_engine

from portal.demo.medbook import SHOWCASE, jobs, planted_values
from portal.demo.medbook.people import LOOKALIKE
from tests.journeys.parties import SHOWN, TOM, Walkers, settle_identity
from tests.journeys.scan import changed_strangers, holding, owned_by
from tests.journeys.stage import Stage, text_of


def source(stage: Stage, key: str = "medbook") -> str:
    """Return the address of a source database."""
    return f"sqlite:///{stage.databases[key]}"


def test_access_in_dutch_gives_the_person_their_data_and_nobody_elses(
    stage: Stage, walkers: Walkers, tmp_path: Path
) -> None:
    before = stage.rows()
    ada = walkers.person("access", "nl")
    ada.tick("about", "everything")
    ada.go_on()
    ada.go_on()
    ada.tell_who("be")
    ada.show_card(tmp_path)
    reference = ada.sign_and_send()
    assert reference in text_of(stage.mails(ada.person.email)[-1])
    settle_identity(walkers, reference).decide("grant")
    ada.follow()
    package = ada.download(tmp_path / "package.zip")

    with zipfile.ZipFile(package) as archive:
        names = set(archive.namelist())
        data = archive.read("data.json").decode()
        index = archive.read("index.html").decode()
    assert {"index.html", "data.json", "schema.json", "manifest.json"} <= names
    assert any(name.startswith("files/") for name in names)
    assert 'lang="nl"' in index
    assert "http://" not in index.replace("http://127.0.0.1", "")
    assert ada.person.full_name in index
    assert ada.person.email in data
    assert str(ada.person.licence_number) in data
    assert LOOKALIKE.email not in data + index
    others = [each for each in SHOWCASE if each != ada.person]
    assert not [each.email for each in others if each.email in data + index]
    (account,) = json.loads(data)["collections"]["medbook.accounts"]
    assert account["email"] == ada.person.email
    assert "password_hash" not in account
    assert stage.rows() == before
    assert stage.breaches() == []


def test_rectify_in_french_changes_one_value_and_no_other_row(stage: Stage, walkers: Walkers, tmp_path: Path) -> None:
    claire = walkers.person("rectify", "fr")
    before = stage.rows()
    old, new = str(claire.person.phone), "+32 470 00 11 22"
    claire.fill(items__0__what="mon téléphone", items__0__says=old, items__0__should=new)
    claire.tick("items-0-why", "outdated")
    claire.go_on()
    claire.tell_who("be")
    claire.show_card(tmp_path)
    reference = claire.sign_and_send()
    stage.work()
    desk = settle_identity(walkers, reference)
    place = desk.page.locator("select[name=field-0] option", has_text=old).first.get_attribute("value")
    letter = desk.decide("grant", field__0=str(place), new__0=new)
    assert new in letter
    page = claire.follow()
    assert new in page
    after = stage.rows()
    changed = {table for table in before if before[table] != after[table]}
    assert len(changed) == 1
    (table,) = changed
    keys = [key for key in before[table] if before[table][key] != after[table].get(key)]
    assert len(keys) == 1
    assert new in after[table][keys[0]]
    assert old not in after[table][keys[0]]
    assert stage.breaches() == []


def test_erase_in_dutch_leaves_nothing_but_what_the_letter_lists(
    stage: Stage, walkers: Walkers, tmp_path: Path
) -> None:
    sanne = walkers.person("erase", "nl")
    before, owned = stage.rows(), owned_by(stage, SHOWN["erase"])
    sanne.tick("about", "everything")
    sanne.go_on()
    sanne.page.locator("main form input[type=checkbox]").first.check()
    sanne.go_on()
    sanne.tell_who("nl")
    sanne.show_card(tmp_path)
    reference = sanne.sign_and_send()
    desk = settle_identity(walkers, reference)
    letter = desk.decide("grant")
    stage.work()
    assert stage.rows() == before, "one pair of eyes erases nothing"
    tom = walkers.desk(TOM)
    tom.open(reference)
    tom.confirm_decision()
    page = sanne.follow()

    after = stage.rows()
    kept = holding(after, planted_values(sanne.person))
    assert kept <= {"medbook.invoices", "medbook.invoice_lines"}
    assert "60" in letter
    assert "60" in page
    assert changed_strangers(before, after, owned) == {}
    assert stage.breaches() == []


def test_restrict_in_french_pauses_every_use(stage: Stage, walkers: Walkers, tmp_path: Path) -> None:
    amelie = walkers.person("restrict", "fr")
    amelie.tick("about", "everything")
    amelie.go_on()
    amelie.tick("pause_why-case", "accuracy")
    amelie.go_on()
    amelie.tell_who("other")
    amelie.show_card(tmp_path)
    settle_identity(walkers, amelie.sign_and_send()).decide("grant")
    engine = create_engine(source(stage))
    with engine.connect() as medbook:
        assert amelie.person.email in jobs.newsletter_recipients(medbook)
    amelie.follow()
    with engine.connect() as medbook:
        assert amelie.person.email not in jobs.newsletter_recipients(medbook)
    engine.dispose()
    assert stage.breaches() == []


def test_objecting_to_the_committee_in_german_stops_the_export(stage: Stage, walkers: Walkers, tmp_path: Path) -> None:
    emil = walkers.person("object", "de")
    emil.tick("about", "committee")
    emil.go_on()
    emil.tell_who("other")
    emil.show_card(tmp_path)
    engine = create_engine(source(stage))
    with engine.connect() as medbook:
        before = jobs.committee_export(medbook)
    settle_identity(walkers, emil.sign_and_send()).decide("grant")
    emil.follow()
    with engine.connect() as medbook:
        after = jobs.committee_export(medbook)
    engine.dispose()
    assert len(after) == len(before) - 1
    assert set(after) < set(before)
    assert stage.breaches() == []


def test_objecting_to_marketing_needs_no_card_and_no_reviewer(stage: Stage, walkers: Walkers) -> None:
    emil = walkers.person("object", "de")
    emil.tick("about", "marketing")
    emil.go_on()
    emil.tell_who("other")
    emil.sign_and_send()
    emil.follow()
    engine = create_engine(source(stage))
    with engine.connect() as medbook:
        assert emil.person.email not in jobs.newsletter_recipients(medbook)
        assert jobs.newsletter_recipients(medbook)
    engine.dispose()
    assert stage.breaches() == []


def test_port_in_english_gives_what_was_provided_and_lists_what_is_not(
    stage: Stage, walkers: Walkers, tmp_path: Path
) -> None:
    grace = walkers.person("port", "en")
    grace.tick("about", "everything")
    grace.go_on()
    grace.go_on()
    grace.tell_who("other")
    grace.show_card(tmp_path)
    settle_identity(walkers, grace.sign_and_send()).decide("grant")
    grace.follow()
    package = grace.download(tmp_path / "package.zip")
    with zipfile.ZipFile(package) as archive:
        names, data = archive.namelist(), json.loads(archive.read("data.json"))
        told = archive.read("index.html").decode()
    collections = set(data["collections"])
    assert "medbook.accounts" in collections
    assert "medbook.careers" in collections
    assert not {"medbook.assessments", "medbook.usage_events", "medbook_support.tickets"} & collections
    assert not [name for name in names if name.endswith(".pdf")]
    assert "Others wrote this about you" in told
    assert stage.breaches() == []


def test_withdraw_in_german_stops_the_research_at_once(stage: Stage, walkers: Walkers) -> None:
    jonas = walkers.person("withdraw", "de")
    jonas.tick("about", "everything")
    jonas.go_on()
    jonas.tell_who("other")
    engine = create_engine(source(stage))
    with engine.connect() as medbook:
        before = jobs.research_share(medbook)
    jonas.sign_and_send()
    jonas.follow()
    with engine.connect() as medbook:
        after = jobs.research_share(medbook)
    engine.dispose()
    assert set(after) < set(before)
    assert stage.breaches() == []
