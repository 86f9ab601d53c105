"""A portal where every page has something to show, also cases in each status, with long names; served to a browser.

The rows are put where a walk would have left them. What may be seen of them, and by whom, stands in ``sights``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from flask import Flask, abort
from playwright.sync_api import Browser, Page
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts import codes
from portal.accounts.gates import CONVERSATION, MAILBOX, VOUCHED
from portal.accounts.models import Handover, Role, Staff
from portal.cases.access import seal_json
from portal.cases.lifecycle import Outcome, Status
from portal.cases.models import Carried, Case, Decision, Package
from portal.clock import now
from portal.config import LANGUAGES
from portal.db import Database, new_id
from portal.delivery.views import WINDOWS
from portal.demo.staff import add_demo_staff
from portal.files.keys import Purpose
from portal.fulfilment.trust import weigh_account
from portal.intake import conversations
from portal.intake.guessing import guess_of
from portal.jobs.worker import Worker
from portal.mail.outbox import SEND
from portal.mail.sender import Sender
from portal.mail.transport import FolderTransport
from portal.tracking.actions import add_to
from portal.tracking.views import FINDING
from tests.journeys.doors import desk_sessions
from tests.journeys.rarities import WORDS, fill_rarities
from tests.support.desk import Filed, file_case, give, settle, show_card
from tests.support.drawings import STROKES, copy_draft
from tests.support.factories import locate, submit_together
from tests.support.live import Live, serve
from tests.support.papers import make_papers
from tests.support.portals import make_settings, portal
from tests.support.postgres import free_port
from tests.support.readings import TABLE
from tests.support.talking import talk
from tests.support.visitors import visitor
from tests.support.world import World, make_world

LONG_NAME = "Wilhelmina-Alexandrine van der Zwaluwenburg-O'Sullivan"
LONG_ADDRESS = "wilhelmina.alexandrine.vanderzwaluwenburg@hospital.example.org"
LONG_TEXT = "I sent this before: https://www.example.org/" + "a-long-address-that-never-ends/" * 4 + " Thank you."
IN_ALL = {code: "Deelname aan wetenschappelijk onderzoek" for code in LANGUAGES}
CHANGES = [
    {"title": "Account", "rows": "1", "effect": "change", "old": "Jansens", "new": LONG_NAME},
    {"title": "Beoordelingen door anderen", "rows": "1", "effect": "supplement", "old": "", "new": LONG_TEXT},
    {"title": "Leeftijdsverzekeringsovereenkomsten", "rows": "12", "effect": "delete", "why": "", "until": ""},
    {"title": "Leeftijdsverzekeringsovereenkomsten", "rows": "3", "effect": "deidentify", "why": "", "until": ""},
]
KEPT = [{"title": "Facturen", "rows": "7", "effect": "keep", "why": "art. 60 WBTW", "until": "31 december 2033"}]
DONE = [
    {"title": IN_ALL, "rows": 12, "effect": "delete", "why": {}, "until": None},
    {"title": IN_ALL, "rows": 7, "effect": "keep", "why": IN_ALL, "until": "2033-12-31"},
    {"title": IN_ALL, "rows": 1, "effect": "change", "why": {}, "until": None, "before": "old", "after": LONG_NAME},
]


@dataclass(frozen=True, slots=True)
class Gallery:
    """The portal that is served, one page of one browser, and the way to each place."""

    live: Live
    page: Page
    world: World
    places: Mapping[str, str]

    def enter(self, who: str) -> None:
        """Give the browser the session of ``who``: nobody, draft, artist, sender, several, person, staff and so on."""
        world, until = self.world, (now() + timedelta(hours=1)).isoformat()
        sessions: dict[str, dict[str, object]] = {
            **{who: {} for who in ("nobody", "returner")},
            "draft": {CONVERSATION: world.draft, MAILBOX: world.mailbox},
            "artist": {CONVERSATION: self.places["drawn"], MAILBOX: world.mailbox},
            "sender": {CONVERSATION: world.sent, MAILBOX: world.mailbox},
            **{name: {CONVERSATION: place} for name, place in self.places.items() if name.startswith("guess ")},
            "several": {CONVERSATION: self.places["several"], MAILBOX: world.mailbox},
            "introduced": {CONVERSATION: self.places["introduced"], VOUCHED: self.places["introduced"]},
            "person": {MAILBOX: world.mailbox},
            "owner": {MAILBOX: self.places["mailbox"]},
            "stranger": {MAILBOX: "0" * 64},
            "finder": {FINDING: world.mailbox},
            "heavy": {MAILBOX: self.places["mailbox"], WINDOWS: {self.places["heavy package"]: until}},
            "loader": {MAILBOX: world.mailbox, WINDOWS: {world.package: until}},
            **desk_sessions(world),
        }
        self.page.context.clear_cookies()
        cookie = visitor(self.live.app, sessions[who]).get_cookie("portal", domain="127.0.0.1")
        if cookie is not None:
            self.page.context.add_cookies([{"name": "portal", "value": cookie.value, "url": self.live.url}])

        if who == "returner":
            self.page.context.add_cookies([{"name": "portal-unsent", "value": WORDS, "url": self.live.url}])

    def speak(self, language: str) -> None:
        """Have browser and staff ask for ``language`` where the address does not say it."""
        self.page.set_extra_http_headers({"Accept-Language": language})
        with database_of(self.live.app).writing() as session:
            session.execute(update(Staff).values(language=language))

    def address(self, path: str, language: str) -> str:
        """Return the full address of ``path``, with its places filled in."""
        return self.live.at(path.format(language=language, **self.places))


def database_of(app: Flask) -> Database:
    """Return the portal's own database."""
    found: Database = app.extensions["portal_db"]
    return found


@contextmanager
def open_gallery(
    folder: Path, template: Path, browser: Browser, dress: Callable[[Flask], None] | None = None, **changes: object
) -> Iterator[Gallery]:
    """Fill a demo portal in ``folder``, serve it, and open a browser past the CSP, so that axe can be put in.

    ``dress`` changes the app before its first request; ``changes`` are settings.
    """
    port = free_port()
    settings = make_settings(folder, base_url=f"http://127.0.0.1:{port}", demo=True, smtp=None, **changes)
    with portal(settings, template) as app, serve(app, port) as live:
        app.config["PROPAGATE_EXCEPTIONS"] = False  # a crash shows its page, as for people
        app.add_url_rule("/stumble/<int:status>", "stumble", stumble)
        if dress is not None:
            dress(app)
        world = make_world(app)
        with database_of(app).writing() as session:
            add_demo_staff(session)
            places = fill(session, world)
        make_papers(app)
        with app.app_context():
            letters = {SEND: Sender(FolderTransport(settings.mail_dir), {codes.LETTER: codes.mint})}
            Worker(database_of(app), letters).run_until_idle(40)
        context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
        context.set_default_timeout(15_000)
        yield Gallery(live, context.new_page(), world, places)
        context.close()


def stumble(status: int) -> NoReturn:
    """Fail with ``status``; 500 by a crash."""
    if status == 500:
        raise RuntimeError("made up for the tests")
    abort(status)


def fill(session: Session, world: World) -> dict[str, str]:
    """Put cases of every kind on the desk; return the ids of what there is to see, by place."""
    reviewer = session.scalars(select(Staff).where(Staff.id == world.staff[Role.REVIEWER])).one()
    mine = Filed("access", LONG_NAME, LONG_ADDRESS, age=timedelta(days=25), strokes=STROKES)
    judged = file_case(session, mine, on_file=False)
    give(session, judged, reviewer)
    deciding, correcting = file_case(session, mine, right="erase"), file_case(session, mine, right="rectify")
    late = file_case(session, mine, right="restrict", age=timedelta(days=40))
    erased, refused = file_case(session, mine, right="erase"), file_case(session, mine)
    for case in (deciding, correcting, late, erased, refused):
        settle(session, case, reviewer)
    talk(session, deciding, reviewer, LONG_TEXT)
    add_to(session, deciding, LONG_TEXT, LONG_NAME)
    decide(session, erased, reviewer, Outcome.GRANT)
    decide(session, refused, reviewer, Outcome.REFUSE)
    place(session, late, Status.WAITING)
    talk(session, late, reviewer, LONG_TEXT)
    place(session, refused, Status.CLOSED)
    others = {status: file_case(session, mine) for status in (Status.RECEIVED, Status.WITHDRAWN)}
    for status, case in others.items():
        place(session, case, status)
    doubted, covering = file_case(session, mine, card=False), file_case(session, mine, card=False)
    for case in (doubted, covering):
        place(session, case, Status.WAITING, Status.IDENTITY)
    card = show_card(session, covering, LONG_NAME)
    card.case_id, card.conversation_id, card.masked = None, covering.conversation_id, False
    stopped = file_case(session, mine)
    settle(session, stopped, reviewer)
    session.execute(update(Case).where(Case.id == stopped.id).values(stopped_at=now()))
    together = submit_together(session, "erase", "withdraw", "access")
    for case in together.values():
        locate(session, case, on_file=False)
    give(session, together["erase"], reviewer)
    session.execute(update(Handover).values(expires_at=now() + timedelta(days=1)))
    known, parted = (file_case(session, mine, card=False, account="7") for _ in range(2))
    for case, same in ((known, True), (parted, False)):
        weigh_account(session, case, same=same)
        give(session, case, reviewer)
    over, heavy, disputed = (file_case(session, mine) for _ in range(3))
    for case, outcome in ((over, Outcome.GRANT), (heavy, Outcome.GRANT), (disputed, Outcome.REFUSE)):
        settle(session, case, reviewer)
        decide(session, case, reviewer, outcome)
    guesses = {
        f"guess {name}": conversations.begin(session, "nl", [], f"{name}: made up", guess_of(read, None)).id
        for name, read in TABLE.items()
    }
    return {
        **guesses,
        **fill_rarities(session, reviewer, mine, disputed, heavy),
        "draft": world.draft,
        "drawn": copy_draft(session, world.draft, drawn=True),
        "sent": world.sent,
        **{"stop": world.stop_token, "told": world.told_token, "receive": world.receive_token},
        **{"handover": world.handover_token, "resume": world.resume_token},
        "open": world.open_case,
        "asked": world.second_case,
        "finished": world.finished_case,
        "activate": world.desk.activate_token,
        **{"invited": world.desk.invited, "task": world.task},
        "colleague": world.staff[Role.REVIEWER],
        "several": str(together["erase"].conversation_id),
        "copied": together["erase"].id,
        "over": over_package(session, over),
        "mailbox": deciding.mailbox,
        "judged": judged.id,
        "deciding": deciding.id,
        "correcting": correcting.id,
        "waiting": late.id,
        "doubted": doubted.id,
        "covering": covering.id,
        "stopped": stopped.id,
        "erased": erased.id,
        "refused": refused.id,
        "known": known.id,
        "parted": parted.id,
        **{status.value: case.id for status, case in others.items()},
    }


def decide(session: Session, case: Case, member: Staff, outcome: Outcome) -> None:
    """Write and carry out a decision with everything in it that a letter can say."""
    content = {"reason": LONG_TEXT, "facts": LONG_TEXT, "kept": KEPT, "changes": CHANGES, "corrections": []}
    refused = outcome is Outcome.REFUSE
    second = session.scalars(select(Staff).where(Staff.role == Role.MANAGER)).first()
    decision = Decision(
        id=new_id(),
        case_id=case.id,
        version=1,
        outcome=outcome,
        ground="unfounded" if refused else None,
        needs_second=True,
        content=seal_json(session, case.id, Purpose.DECISION, content),
        decided_by=member.id,
        decided_at=now(),
        confirmed_by=second.id if second else None,
        confirmed_at=now(),
    )
    session.add(decision)
    session.flush()
    session.execute(update(Case).where(Case.id == case.id).values(decision_id=decision.id))
    proof = seal_json(session, case.id, Purpose.DECISION, DONE)
    place(session, case, Status.CARRIED_OUT)
    counts = {"changed": 13, "kept": 7}
    session.add(
        Carried(
            id=new_id(),
            case_id=case.id,
            source="medbook",
            digest="0" * 64,
            proof=proof,
            at=now(),
            done_at=now(),
            **counts,
        )
    )
    session.flush()


def place(session: Session, case: Case, status: Status, before: Status = Status.DECIDING) -> None:
    """Put ``case`` where it is to be seen."""
    moment = now()
    ended: dict[Status, dict[str, object]] = {
        Status.ANSWERED: {"answered_at": moment},
        Status.CARRIED_OUT: {"answered_at": moment, "carried_out_at": moment},
        Status.CLOSED: {"answered_at": moment, "closed_at": moment},
        Status.WITHDRAWN: {"closed_at": moment},
        Status.WAITING: {"waits_before": before.value},
    }
    session.execute(update(Case).where(Case.id == case.id).values(status=status, **ended.get(status, {})))
    session.refresh(case)


def over_package(session: Session, case: Case) -> str:
    """Give ``case`` a package that is over; return the id of the case."""
    past = now() - timedelta(days=15)
    package = Package(
        id=new_id(), case_id=case.id, size=1, sha256="0" * 64, rows=1, created_at=past, expires_at=past + timedelta(1)
    )
    session.add(package)
    session.flush()
    return case.id
