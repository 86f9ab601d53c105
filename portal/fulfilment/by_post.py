"""The job that writes a letter for the post as PDF. Only the worker loads this: it brings the renderer along.

It says in full what a mail would only point at, as it stands when the letter leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.delivery_events import PostWritten
from portal.audit.record import SYSTEM, record
from portal.cases.access import contact_of, decision_content, right_of, text_of
from portal.cases.attachments import attachments_of
from portal.cases.by_post import PostLetter, seal_post
from portal.cases.disagreements import Again, again_of
from portal.cases.extension import Extension, extension_of
from portal.cases.fees import Announced, fee_of
from portal.cases.letters import DecisionLetter, compose
from portal.cases.models import Author, Case, Decision, Message
from portal.cases.remedies import Remedies, remedies
from portal.clock import local
from portal.config import settings_of
from portal.db import Database, changed
from portal.jobs.worker import Finish
from portal.ui.pdf import render

SPOKEN = frozenset({"question", "message"})
DECISION, CLOSED = "decision", "closed"


@dataclass(frozen=True, slots=True)
class More:
    """What a letter says besides references and dates."""

    remedies: Remedies
    text: str = field(repr=False, default="")
    files: tuple[str, ...] = field(repr=False, default=())
    decision: DecisionLetter | None = None
    extension: Extension | None = None
    fee: Announced | None = None
    again: Again | None = None


def make_post(database: Database, payload: Mapping[str, str]) -> Finish | None:
    """Write the letter ``payload["post"]`` into the vault.

    Nothing where it is there, was taken back, or its case is forgotten.
    """
    with database.reader() as session:
        row = session.get(PostLetter, payload["post"])
        case = session.get_one(Case, row.case_id) if row is not None else None
        if row is None or case is None or row.file is not None or case.forgotten_at is not None:
            return None
        content = render(page_of(session, case, row), {}, [])
        name, size, sha256 = seal_post(session, row, content)
        post_id, letter, case_id = row.id, row.letter, case.id

    def finish(session: Session) -> None:
        there = session.get_one(Case, case_id).forgotten_at is None
        once = update(PostLetter).where(PostLetter.id == post_id, PostLetter.file.is_(None))
        if there and changed(session, once.values(file=name, size=size, sha256=sha256)):
            written = PostWritten(post=post_id, letter=letter, size=size, digest=sha256)
            record(session, written, SYSTEM, case_id)

    return finish


def page_of(session: Session, case: Case, row: PostLetter) -> str:
    """Return the letter ``row`` of ``case`` as HTML, in the language of the person; needs an app context."""
    contact, written_on = contact_of(session, case), local(row.leaves_at or row.queued_at).date()
    more = _more(session, case, row, written_on)
    page = current_app.jinja_env.get_template("paper/post.html")
    with force_locale(row.language):
        return page.render(
            case=case,
            post=row,
            address=[contact.get("name", ""), *contact.get("address", "").split("\n")],
            told={key: date.fromisoformat(fact) if key.endswith("_on") else fact for key, fact in row.facts.items()},
            more=more,
            written_on=written_on,
            right_title=_(right_of(case).title),
            language=row.language,
            controller=settings_of(session).controller,
        )


def _more(session: Session, case: Case, row: PostLetter, written_on: date) -> More:
    said = _last_said(case, row) if row.letter in SPOKEN else None
    files = attachments_of(session, case).get(said.id, ()) if said is not None else ()
    decision = _decided(case, row) if row.letter == DECISION else None
    content = decision_content(session, decision) if decision is not None else {}
    answered_on = local(case.answered_at).date() if row.letter == CLOSED and case.answered_at else None
    return More(
        remedies=remedies(case.residence, answered_on, late=answered_on is not None and answered_on > case.due_on),
        text=text_of(session, said) if said is not None else "",
        files=tuple(each.name for each in files),
        decision=compose(case, decision, content, written_on) if decision is not None else None,
        extension=extension_of(session, case),
        fee=fee_of(session, case),
        again=again_of(session, case),
    )


def _decided(case: Case, row: PostLetter) -> Decision | None:
    """Return the decision with which the letter was queued, whatever was proposed since."""
    earlier = (each for each in case.decisions if each.decided_at <= row.queued_at)
    return max(earlier, key=lambda each: each.version, default=None)


def _last_said(case: Case, row: PostLetter) -> Message | None:
    """Return the message of the desk with which the letter was queued."""
    earlier = [each for each in case.messages if each.author is Author.STAFF and each.created_at <= row.queued_at]
    return earlier[-1] if earlier else None
