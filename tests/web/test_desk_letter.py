"""The letter: beside it a summary in the reviewer's language, words of one's own in marked places only, text blocks,
and for the second person what changed since the version before.
"""

import re

import pytest
from sqlalchemy import select

from portal.accounts.models import Staff
from portal.cases.access import decision_content
from portal.cases.lifecycle import Status
from portal.cases.models import Case, Decision
from portal.db import Database
from portal.errors import MoveRefused
from portal.review import decisions
from tests.support.critic import Critic, post_forms
from tests.support.desk import actor, file_case, press, press_on, settle, staff_named

REX, MAX = "reviewer@medbook.example", "privacy_manager@medbook.example"
GRANT = {"outcome": "grant"}
REFUSAL = {"outcome": "refuse", "ground": "still-needed", "reason": "Dit is al gebeurd.", "facts": "Zie MB-1C8D-44."}
OWN = {"opening": "Beste mevrouw,\nDank u.", "closing": "Bel ons gerust."}


def ready(database: Database, **wish: object) -> Case:
    with database.writing() as session:
        case = file_case(session, card=False, **wish)
        settle(session, case, staff_named(session, REX))
        return case


def at(case: Case) -> str:
    return f"/desk/cases/{case.id}"


def propose(browser: Critic, case: Case, values: dict[str, str]) -> None:
    shown = press(browser, at(case), "/letter", values)
    assert press_on(browser, shown, "/decision").status_code == 303


def versions(database: Database) -> list[Decision]:
    with database.reader() as session:
        return list(session.scalars(select(Decision).order_by(Decision.version)))


def letter_in(page: str) -> str:
    return page.partition('<article class="letter"')[2].partition("</article>")[0]


def panel_in(page: str, title: str) -> str:
    return page.partition(title)[2].partition("</section>")[0]


def test_beside_a_dutch_letter_stands_an_english_summary(database: Database, rex: Critic) -> None:
    case = ready(database)
    text = press(rex, at(case), "/letter", GRANT | OWN).text
    assert "Beoordelingen (46 rijen)" in letter_in(text)
    gist = panel_in(text, "The letter in short")
    for said in (
        "Granted",
        "deleted: Account (2 rows)",
        "Assessments (46 rows)",
        "(7 rows), art. 60 VAT Code",
    ):
        assert said in gist, said
    assert "until 31 December 2033" in gist
    assert "the Belgian Data Protection Authority" in gist
    assert re.search(r'<dd lang="nl">Beste mevrouw', gist)


@pytest.mark.parametrize(
    ("language", "decision"), [("nl", "Geweigerd"), ("fr", "Demande refusée"), ("de", "Abgelehnt")]
)
def test_the_summary_speaks_the_language_of_the_reviewer(
    database: Database, rex: Critic, language: str, decision: str
) -> None:
    case = ready(database, language="en")
    with database.writing() as session:
        session.scalars(select(Staff).where(Staff.login == REX)).one().language = language
    text = press(rex, at(case), "/letter", REFUSAL).text
    assert decision in text.partition("kv gist")[2].partition("</dl>")[0]
    assert "Refused." in letter_in(text)


def test_own_words_stand_in_the_marked_places_and_are_sealed_with_their_version(
    database: Database, rex: Critic
) -> None:
    case = ready(database)
    shown = press(rex, at(case), "/letter", GRANT | OWN | {"reason": "Alles gaat weg."})
    letter = letter_in(shown.text)
    order = [letter.index(words) for words in ("Beste mevrouw,", "Dank u.", "Alles gaat weg.", "Bel ons gerust.")]
    assert order == sorted(order)
    assert letter.index("Dank u.") < letter.index("<h3>") < letter.index("Alles gaat weg.")
    assert press_on(rex, shown, "/decision").status_code == 303
    (decision,) = versions(database)
    with database.reader() as session:
        content = decision_content(session, decision)
    assert [content[place] for place in ("opening", "reason", "closing")] == [
        OWN["opening"], "Alles gaat weg.", OWN["closing"],
    ]  # fmt: skip
    assert OWN["closing"].encode() not in decision.content


def test_words_changed_beside_the_letter_are_shown_before_they_are_sent(database: Database, rex: Critic) -> None:
    case = ready(database, right="access")
    shown = press(rex, at(case), "/letter", GRANT)
    again = press_on(rex, shown, "/decision", {"closing": "Tot ziens."})
    assert again.status_code == 200
    assert "The letter is not sent: it changed." in again.text
    assert "Tot ziens." in letter_in(again.text)
    assert versions(database) == []
    assert press_on(rex, again, "/decision").status_code == 303


def test_nothing_but_the_marked_places_can_be_written(database: Database, rex: Critic) -> None:
    case = ready(database, right="access")
    forged = dict.fromkeys(("changes", "kept", "remedies", "right", "reference"), "Written by nobody")
    page = press(rex, at(case), "/letter", GRANT | forged)
    assert "Written by nobody" not in page.text
    _where, _held, names = next(form for form in post_forms(page) if form[0].endswith("/decision"))
    assert {"opening", "reason", "closing"} <= set(names)


def test_an_opening_that_is_too_long_loses_no_letter(database: Database, rex: Critic) -> None:
    answer = press(rex, at(ready(database)), "/letter", GRANT | {"opening": "a" * 2001})
    assert answer.status_code == 422
    assert "a" * 2001 in answer.text
    assert "Use at most 2000 characters." in answer.text


def test_a_text_block_is_filled_in_the_language_of_the_person(database: Database, rex: Critic) -> None:
    case = ready(database, language="fr")
    page = rex.get(at(case))
    assert "{reference}" not in page.text
    held = next(held for where, held, _names in post_forms(page) if where.endswith("/letter"))
    put = {**held, **GRANT, "reason": "Bonjour.", "block": "backups"}
    filled = rex.post(f"{at(case)}/letter/block", data=put)
    assert filled.status_code == 200
    assert re.search(r"Bonjour\.\s+Les copies dans nos sauvegardes", filled.text)
    assert 'value="grant" checked' in filled.text
    shown = press_on(rex, filled, "/letter")
    more = next(held for where, held, _names in post_forms(shown) if where.endswith("/decision"))
    asked = {name: str(value) for name, value in more.items()} | {"block": "questions"}
    letter = letter_in(rex.post(f"{at(case)}/letter/block", data=asked).text)
    assert f"donnez le numéro {case.reference}" in letter
    assert "Les copies dans nos sauvegardes" in letter
    assert versions(database) == []


def test_the_letter_offers_only_blocks_for_what_is_decided(database: Database, rex: Critic) -> None:
    case = ready(database)
    granted = panel_in(press(rex, at(case), "/letter", GRANT).text, "Your own words")
    assert "Backups" in granted
    assert "You still use the account" not in granted
    assert "You still use the account" in panel_in(press(rex, at(case), "/letter", REFUSAL).text, "Your own words")


def test_the_second_person_sees_what_changed_since_the_version_before(
    database: Database, rex: Critic, max_: Critic
) -> None:
    case = ready(database)
    propose(rex, case, REFUSAL)
    first = max_.get(f"{at(case)}/second")
    assert "What changed since version" not in first.text
    assert "The letter in short" in first.text
    assert press_on(max_, first, "/back", {"why": "Which request?"}).status_code == 303
    propose(rex, case, REFUSAL | {"reason": "Dit is vorige maand gebeurd.", "closing": "Bel ons."})
    changed = panel_in(max_.get(f"{at(case)}/second").text, "What changed since version 1")
    bare = " ".join(re.sub(r"<span.*?</span>", "", changed).split())
    assert "Dit is <del>al</del> <ins>vorige maand</ins> gebeurd." in bare
    assert "<ins>Bel ons.</ins>" in bare
    assert "Zie MB-1C8D-44." not in bare, "what stays the same is not repeated"


def test_approving_version_three_never_releases_version_four(database: Database, rex: Critic, max_: Critic) -> None:
    case = ready(database)
    for version in (1, 2, 3):
        propose(rex, case, REFUSAL | {"reason": f"Versie {version}."})
        page = max_.get(f"{at(case)}/second")
        if version < 3:
            assert press_on(max_, page, "/back", {"why": "Once more."}).status_code == 303
    third = versions(database)[-1]
    with database.writing() as session:  # somebody else sent it back, and the first proposed another one
        decisions.send_back(session, session.get_one(Case, case.id), third.id, "No.", actor(_member(database, MAX)))
    propose(rex, case, REFUSAL | {"reason": "Versie 4."})
    refused = press_on(max_, page, "/confirm")
    assert refused.status_code == 409
    with database.writing() as session, pytest.raises(MoveRefused):
        decisions.confirm(session, session.get_one(Case, case.id), third.id, actor(_member(database, MAX)))
    assert [decision.confirmed_by for decision in versions(database)] == [None] * 4
    with database.reader() as session:
        assert session.get_one(Case, case.id).status is Status.SECOND
    assert press(max_, f"{at(case)}/second", "/confirm").status_code == 303
    assert [decision.confirmed_by is not None for decision in versions(database)] == [False, False, False, True]


def _member(database: Database, login: str) -> Staff:
    with database.reader() as session:
        return staff_named(session, login)
