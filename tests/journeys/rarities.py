"""States that few requests come to: a silent source, a disagreement, a mail nobody read, a download in parts.

Rows are put where they would have been left, as in ``gallery``; what is to be seen of them stands in ``RARITIES``.
"""

import hashlib
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts.codes import mailbox_hash
from portal.accounts.models import Staff, WayBack
from portal.cases.arrivals import Asked, Basis, note_arrival
from portal.cases.by_post import PostLetter
from portal.cases.incoming import written
from portal.cases.letters import queue_letter
from portal.cases.models import Case, Channel, Package
from portal.cases.moves import file_for
from portal.cases.said import disagree
from portal.clock import now
from portal.db import new_id
from portal.intake import conversations
from portal.intake.contact import SELF
from portal.intake.conversations import CONTACT
from portal.intake.script import CODE
from portal.intake.vouching import Vouch
from portal.jobs.outbox import Job
from tests.journeys.sights import Sight, desk, fill, send, send_to
from tests.support.desk import Filed, actor, file_case, give, settle, show_card
from tests.support.factories import locate
from tests.support.talking import talk

WORDS = f"{'a' * 32}.{'b' * 32}"
"""What a browser holds in which two requests were begun: one without an address, and one with."""
PART = 2_000_000_000
SOURCE = "medbook_support"


def fill_rarities(session: Session, reviewer: Staff, mine: Filed, answered: Case, heavy: Case) -> dict[str, str]:
    """Put the cases on the desk of ``reviewer``; return the ids by place.

    Args:
        session: a write session.
        reviewer: who has them.
        mine: how the person of the gallery files.
        answered: a case of theirs that was answered.
        heavy: one that was granted, to be downloaded.
    """
    silent = file_case(session, mine, right="erase", findings={"failed": [SOURCE]})
    settle(session, silent, reviewer)
    _wait_for_source(session, silent)
    disagree(session, answered, mine.name, [])
    mailed = file_case(session, mine, right="access", card=False)
    give(session, mailed, reviewer)
    talk(session, mailed, reviewer, "I would like to know what you hold on me. " * 12)
    session.execute(update(Case).where(Case.id == mailed.id).values(channel=Channel.MAIL))
    session.refresh(mailed)
    told = {"subject": "Question about my data", "left_out": ["invoice.docx"]}
    note_arrival(session, mailed, Basis.EARLIEST, actor(reviewer), told, unread=True)
    show_card(session, mailed, mine.name).masked = False  # nobody covered yet what came by mail
    places = {"heavy": heavy.id, "heavy package": _pack_in_parts(session, heavy)}
    return {
        **places,
        **dict(zip(("begun", "begun_address"), _begin(session, mine), strict=True)),
        "introduced": _introduce(session, mine),
        "silent": silent.id,
        "disputed": answered.id,
        "mailed": mailed.id,
        "on paper": _on_paper(session, reviewer),
    }


def _on_paper(session: Session, reviewer: Staff) -> str:
    """File a request of somebody without a mailbox, with letters that wait for the post and a file; return its id."""
    contact = {"name": "Jozef Peeters", "address": "Kerkstraat 7 bus 2\n9000 Gent", "acting": "self"}
    asked = Asked("access", "nl", {"own_words": "Wat weet u over mij?", "about": ["everything"]})
    case = file_for(session, written(session, Channel.COUNTER, asked, contact, now()), actor(reviewer), {})
    note_arrival(session, case, Basis.SAID, actor(reviewer), {"seen": "eid"})
    locate(session, case, on_file=False)
    give(session, case, reviewer)
    queue_letter(session, case, "ready", {"until_on": "2026-12-01"})
    session.execute(update(PostLetter).where(PostLetter.case_id == case.id).values(file="0" * 32))
    _pack_in_parts(session, case)
    return case.id


def _begin(session: Session, who: Filed) -> list[str]:
    """Begin two requests in the browser that holds ``WORDS``, in the second as ``who``; return their ids."""
    drafts = [conversations.begin(session, "nl", [], "") for _word in range(2)]
    drafts[1].keep_at = who.email
    for draft, word in zip(drafts, WORDS.split("."), strict=True):
        conversations.save(session, draft, "nl")
        hashed = hashlib.sha256(word.encode()).hexdigest()
        session.add(WayBack(word_hash=hashed, conversation_id=draft.id, created_at=now()))
    return [draft.id for draft in drafts]


def _introduce(session: Session, who: Filed) -> str:
    """Begin a conversation for who came from the app as ``who``; return its id."""
    draft = conversations.begin(session, "nl", [], "")
    draft.person[CONTACT] = [{"name": who.name, "email": who.email, "known_email": "", "residence": "", "acting": SELF}]
    draft.mailbox, draft.vouch = mailbox_hash(session, who.email), Vouch(who.email, "7", now())
    draft.done.add(CODE)
    conversations.save(session, draft, "nl")
    return draft.id


def _wait_for_source(session: Session, case: Case) -> None:
    tried = {"attempts": 4, "fault": f"SourceDown {SOURCE}", "run_at": now() + timedelta(hours=2)}
    session.execute(update(Job).where(Job.case_id == case.id, Job.kind == "case.locate").values(**tried))


def _pack_in_parts(session: Session, case: Case) -> str:
    """Give ``case`` a package in three parts; return its id."""
    moment = now()
    package = Package(
        id=new_id(),
        case_id=case.id,
        size=3 * PART,
        sha256="0" * 64,
        rows=8_400_000,
        created_at=moment,
        expires_at=moment + timedelta(days=14),
        parts=[
            {"size": PART, "sha256": f"{number:064x}", "stretches": [[(number - 1) * PART, number * PART]]}
            for number in (1, 2, 3)
        ],
    )
    session.add(package)
    session.flush()
    return package.id


RARITIES = (
    Sight("resume", "/{language}/go-on/{resume}"),
    Sight("resume, gone", "/{language}/go-on/" + "0" * 32, status=410, languages=("de",)),
    Sight("resume, code", "/{language}/go-on/{resume}", "finder"),
    Sight("resume, wrong code", "/{language}/go-on/{resume}", "finder", fill(code="000000"), 422, languages=("de",)),
    Sight("landing, begun", "/{language}/", "returner", languages=("de",)),
    Sight("way back", "/{language}/c/{begun}/back", "returner", fill(email="none"), 422),
    Sight("way back, code", "/{language}/c/{begun_address}/back", "returner", send),
    Sight("introduced", "/{language}/c/{introduced}/right", "introduced"),
    Sight("introduced, not me", "/{language}/c/{introduced}/not-me", "introduced"),
    Sight("introduced, ended", "/{language}/not-me"),
    Sight("status, not agreed", "/{language}/s/{disputed}", "owner"),
    Sight("receiver, gone", "/{language}/receive/" + "0" * 32, status=410),
    Sight("download in parts", "/{language}/s/{heavy}/download", "heavy"),
    Sight("desk case, silent source", desk("silent"), "staff", languages=("de",)),
    Sight("desk case, not agreed", desk("disputed"), "second", languages=("de",)),
    Sight("desk mail, not read", desk("mailed"), "staff", languages=("de",)),
    Sight("desk case, on paper", desk("on paper"), "staff", languages=("de",)),
    Sight("desk to post", "/desk/post", "staff", languages=("de",)),
    Sight("desk cover", desk("mailed"), "staff", send_to("/card"), languages=("de",)),
    Sight("desk mail, set aside without a reason", desk("mailed"), "staff", send_to("/set-aside"), 422, ("de",)),
    Sight("desk task", "/desk/tasks/{task}", "staff", languages=("de",)),
    Sight("desk new request", "/desk/new", "staff", languages=("de",)),
    Sight("desk saved mail", "/desk/mail", "staff", languages=("de",)),
)
