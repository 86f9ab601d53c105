"""A person without a mailbox, as the desk writes their request down and works on it."""

from collections.abc import Mapping

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.cases.by_post import PostLetter, read_post
from portal.cases.lifecycle import Status
from portal.cases.models import Case
from portal.clock import now
from portal.db import Database, new_id
from portal.mail.outbox import address_of
from portal.verify import breaches
from tests.support.arriving import letters, press, the_case, write_down
from tests.support.critic import Critic
from tests.support.desk import press_on
from tests.support.papers import opened
from tests.support.portals import work

ADDRESS = "Kerkstraat 7 bus 2\n9000 Gent"
CALLER: Mapping[str, str] = {
    "channel": "counter",
    "arrived_on": "2026-11-23",
    "name": "Ada Peeters",
    "reach": "post",
    "address": ADDRESS,
    "seen": "eid",
    "words": "Ze wil weten wat Medbook over haar weet.",
    "right": "access",
    "language": "nl",
    "acting": "self",
}
YES = {f"check-{key}": "yes" for key in ("name", "asker", "mandate", "valid", "front")} | {"verdict": "confirmed"}


def posts(database: Database, case: Case) -> list[PostLetter]:
    with database.reader() as session:
        mine = select(PostLetter).where(PostLetter.case_id == case.id)
        return list(session.scalars(mine.order_by(PostLetter.queued_at, PostLetter.id)))


def post(database: Database, case: Case, letter: str) -> PostLetter:
    """Return the newest ``letter`` of ``case``."""
    return [each for each in posts(database, case) if each.letter == letter][-1]


def as_it_stands(database: Database, case: Case) -> Case:
    with database.reader() as session:
        return session.get_one(Case, case.id)


def send(browser: Critic, case: Case, action: str, **values: object) -> TestResponse:
    """Send a form of the case's page; where forms need no token, without looking at the page first."""
    if browser.application.config.get("WTF_CSRF_ENABLED", True):
        return press(browser, case, action, **values)
    return browser.post(f"/desk/cases/{case.id}/{action}", data=values)


def judge(browser: Critic, database: Database, case: Case) -> TestResponse:
    """Take the case and settle that it is the person, by what was shown."""
    send(browser, case, "take", owner=as_it_stands(database, case).assigned_to or "")
    version = str(as_it_stands(database, case).version)
    return send(browser, case, "identity", **YES, other_proof="The card was shown at the counter.", version=version)


def grant(app: Flask, first: Critic, second: Critic, case: Case) -> Case:
    """Grant the case; where a second person is needed, ``second`` confirms. Do the work that follows."""
    database: Database = app.extensions["portal_db"]
    shown = send(first, case, "letter", outcome="grant", version=str(as_it_stands(database, case).version))
    assert shown.status_code == 200, shown.text
    assert press_on(first, shown, "/decision").status_code == 303
    after = as_it_stands(database, case)
    if after.status is Status.SECOND:
        confirmed = send(second, case, "second/confirm", decision=str(after.decision_id), version=str(after.version))
        assert confirmed.status_code == 303, confirmed.text[-3000:]
    work(app)
    return as_it_stands(database, case)


def note(browser: Critic, case: Case, row: PostLetter, way: str, on: str, **more: str) -> TestResponse:
    """Note that a letter left."""
    return send(browser, case, f"post/{row.id}/left", way=way, left_on=on, **more)


def paper(app: Flask, case: Case, row: PostLetter) -> str:
    """Return what a letter for the post says."""
    with app.extensions["portal_db"].reader() as session:
        content = read_post(session, session.get_one(PostLetter, row.id))
    return opened(content).text


def waiting_letter(session: Session, case_id: str) -> str:
    """Have a letter wait for the post, and return its id."""
    row = PostLetter(id=new_id(), case_id=case_id, letter="receipt", language="nl", facts={}, queued_at=now())
    session.add(row)
    session.flush()
    return row.id


def filed(app: Flask, browser: Critic, **changes: str) -> Case:
    """Write down the request of somebody without a mailbox, and do the work that follows."""
    if app.config.get("WTF_CSRF_ENABLED", True):
        assert write_down(browser, {**CALLER, **changes}).status_code == 303
    else:
        assert browser.post("/desk/new", data={**CALLER, **changes}).status_code == 303
    work(app)
    return the_case(app.extensions["portal_db"])


def mailed(database: Database, case: Case) -> list[tuple[str, str]]:
    """Return letter and receiver of every mail about the case that did not go to the desk."""
    with database.reader() as session:
        return [(each.letter, address_of(session, each)) for each in letters(database, case)]


def sound(database: Database) -> None:
    with database.reader() as session:
        assert list(breaches(session)) == []
