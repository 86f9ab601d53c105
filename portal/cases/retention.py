"""Forgetting: the nightly sweep. Destroying a key is one transaction; the file it opened is unlinked after the commit.

A row of the register gives each term (clause 5 and the portal's own row); the numbers stand here once.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

import structlog
from sqlalchemy import and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from portal.accounts import gone, handovers, kept, ways_back
from portal.accounts.models import CodePurpose, ServerSession, Tries
from portal.audit.events import CardDestroyed, CaseForgotten, DraftForgotten, PackageForgotten
from portal.audit.record import SYSTEM, Actor, record
from portal.cases.attachments import Attachment, forget_attachments
from portal.cases.by_post import PostLetter, forget_post
from portal.cases.holds import content_held, held
from portal.cases.letter_papers import LetterPaper, forget_letters
from portal.cases.letters import queue_letter
from portal.cases.lifecycle import OPEN, Move, Outcome, Status
from portal.cases.mail_files import forget_unsorted, left_unsorted
from portal.cases.markings import content_paused
from portal.cases.models import Case, Conversation, Decision, Evidence, Package, Paper
from portal.cases.moves import move
from portal.cases.papers import forget_papers
from portal.cases.recipients import forget_recipients
from portal.cases.siblings import card_siblings
from portal.cases.trial import TrialCopy, ended_trials, forget_trial
from portal.clock import now
from portal.db import Database, changed
from portal.files.keys import DataKey, Purpose, destroy_key
from portal.files.vault import Vault
from portal.jobs import outbox as jobs
from portal.jobs.worker import Finish
from portal.words import N_

log = structlog.get_logger("portal.retention")

CARD_DAYS = 14
UNCOVERED_DAYS = 1
DRAFT_DAYS = 30
PACKAGE_DAYS = 14
CLOSE_AFTER_DAYS = 30
CONTENT_DAYS = 2 * 365
KEY_DAYS = 1
CODE_DAYS = {CodePurpose.CASES: 1, CodePurpose.CONVERSATION: DRAFT_DAYS, CodePurpose.DOWNLOAD: PACKAGE_DAYS}
"""As long as what a code opens: the tries spent on it count that long."""
CONTENT = (Purpose.ANSWERS, Purpose.CONTACT, Purpose.MESSAGES, Purpose.DECISION)


class Kind(StrEnum):
    """What the sweep forgets; each with the sentence ``flask sweep --dry-run`` prints."""

    CARD = N_("identity cards not judged within 14 days, or not covered within a day")
    DRAFT = N_("drafts without a turn for 30 days")
    UNSORTED = N_("files of mails that nobody sorted within 14 days, of requests that are answered or over")
    PACKAGE = N_("packages past their 14 days")
    TRIAL = N_("copies to look through past their 14 days, or of requests that are over")
    CLOSING = N_("answered cases with nothing left to do")
    CONTENT = N_("content of cases closed for two years, or answered for two years and never closed")
    KEYS = N_("keys of pictures and packages that were never kept")
    CODES = N_("codes that have ended")
    HANDOVERS = N_("hand-overs that have ended")
    SESSIONS = N_("sessions that have ended")
    TRIES = N_("counts of tries that have ended")
    DESK = N_("what staff had typed when their session ended, a day ago")


@dataclass(slots=True)
class Sweep:
    """What a sweep did or would do: counts by kind, files to unlink after the commit, faults by the class of error."""

    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    files: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)


def sweep(session: Session, at: datetime, *, dry_run: bool = False) -> Sweep:
    """Forget everything that is due at ``at``; with ``dry_run`` only count it. The caller commits, then unlinks.

    Args:
        session: a write session (a read session will do for a dry run).
        at: the moment, aware.
        dry_run: count, change nothing.
    """
    done = Sweep()
    for kind, due, forget in STEPS:
        for row in due(session, at):
            if dry_run or _forgotten(session, kind, forget, row, at, done):
                done.counts[kind] += 1
    return done


def _forgotten(
    session: Session, kind: Kind, forget: Callable[..., list[str]], row: object, at: datetime, done: Sweep
) -> bool:
    """Forget one row in a savepoint of its own; whatever goes wrong with it stays with it."""
    try:
        with session.begin_nested():
            files = forget(session, row, at)
    except Exception as fault:  # any: one row nobody foresaw must not keep all others; ``flask verify`` names it
        name = type(fault).__name__
        done.faults[name] += 1
        log.error("not forgotten", what=kind.name, fault=name)
        return False
    done.files += files
    return True


def forget_card(session: Session, card: Evidence, reason: str, at: datetime) -> list[str]:
    """Destroy the key of ``card`` and return the files to unlink after the commit; nothing where it was gone already.

    Args:
        card: the picture.
        reason: code for the record: ``verdict``, ``replaced``, ``expired``, ``withdrawn``, ``draft``.
    """
    once = update(Evidence).where(Evidence.id == card.id, Evidence.destroyed_at.is_(None))
    if not changed(session, once.values(destroyed_at=at, file=None, fingerprint=None)):
        return []
    destroy_key(session, card.id, Purpose.IDENTITY)
    record(session, CardDestroyed(evidence=card.id, reason=reason), SYSTEM, card.case_id)
    return [card.file] if card.file else []


def forget_package(session: Session, package: Package, at: datetime) -> list[str]:
    """Destroy the key of ``package`` and return the files to unlink after the commit."""
    once = update(Package).where(Package.id == package.id, Package.destroyed_at.is_(None))
    if not changed(session, once.values(destroyed_at=at, file=None)):
        return []
    destroy_key(session, package.id, Purpose.PACKAGE)
    record(session, PackageForgotten(package=package.id), SYSTEM, package.case_id)
    return [package.file] if package.file else []


def known_files(session: Session) -> Iterator[str]:
    """Yield the name of every file that a row points to; any other file in the vault is an orphan."""
    for row in (Evidence, Package, Paper, LetterPaper, PostLetter, Attachment, TrialCopy):
        yield from session.scalars(select(row.file).where(row.file.is_not(None))).all()  # type: ignore[misc]


def _cards(session: Session, at: datetime) -> list[Evidence]:
    old = Evidence.created_at <= at - timedelta(days=CARD_DAYS)
    open_to_view = and_(Evidence.masked.is_(False), Evidence.case_id.is_(None))
    never_covered = and_(open_to_view, Evidence.created_at <= at - timedelta(days=UNCOVERED_DAYS))
    return list(session.scalars(select(Evidence).where(Evidence.destroyed_at.is_(None), or_(old, never_covered))))


def _forget_card_unjudged(session: Session, card: Evidence, at: datetime) -> list[str]:
    files = forget_card(session, card, "expired", at)
    case = session.get(Case, card.case_id) if card.case_id else None
    for each in (case, *card_siblings(session, case)) if case else ():
        if each.status in {Status.RECEIVED, Status.IDENTITY, Status.WAITING}:
            queue_letter(session, each, "card-expired")
    return files


def _drafts(session: Session, at: datetime) -> list[Conversation]:
    before = at - timedelta(days=DRAFT_DAYS)
    old = select(Conversation).where(Conversation.submitted_at.is_(None), Conversation.updated_at <= before)
    sent = select(Conversation).where(Conversation.submitted_at <= before)
    return [*session.scalars(old), *session.scalars(sent)]


def forget_draft(session: Session, draft: Conversation, at: datetime, by: Actor = SYSTEM) -> list[str]:
    """Destroy the keys of ``draft``, leave no row of it, and return the files to unlink after the commit."""
    files: list[str] = []
    unsent = select(Evidence).where(Evidence.conversation_id == draft.id, Evidence.case_id.is_(None))
    for card in session.scalars(unsent).all():
        files += forget_card(session, card, "draft", at)
        session.execute(delete(Evidence).where(Evidence.id == card.id))
    for purpose in (Purpose.ANSWERS, Purpose.CONTACT):
        destroy_key(session, draft.id, purpose)
    ways_back.forget_ways(session, draft.id)
    session.execute(delete(Conversation).where(Conversation.id == draft.id))
    record(session, DraftForgotten(conversation=draft.id), by)
    return files


def _packages(session: Session, at: datetime) -> list[Package]:
    return list(session.scalars(select(Package).where(Package.destroyed_at.is_(None), Package.expires_at <= at)))


def _forget_package_unread(session: Session, package: Package, at: datetime) -> list[str]:
    files = forget_package(session, package, at)
    if package.downloads == 0:
        queue_letter(session, session.get_one(Case, package.case_id), "link-expired")
    return files


def _close(session: Session, case: Case, _at: datetime) -> list[str]:
    move(session, case, Move.CLOSE, SYSTEM)
    return []


def _finished(session: Session, at: datetime) -> list[Case]:
    before = at - timedelta(days=CLOSE_AFTER_DAYS)
    living = select(Package.case_id).where(Package.destroyed_at.is_(None))
    granted = select(Decision.id).where(Decision.outcome == Outcome.GRANT)
    told_no = and_(Case.status == Status.ANSWERED, Case.decision_id.is_not(None), Case.decision_id.not_in(granted))
    done = or_(Case.status == Status.CARRIED_OUT, told_no)
    kept = select(Case).where(done, Case.answered_at <= before, Case.forgotten_at.is_(None))
    return list(session.scalars(kept.where(Case.id.not_in(living))))


def content_due(session: Session, at: datetime) -> list[Case]:
    """Return cases long over, and those answered as long ago that never closed; none that is open again or kept.

    A hold on a person keeps their requests from every address: whose they are is only told by what was found on file.
    """
    over = func.coalesce(Case.closed_at, Case.answered_at) <= at - timedelta(days=CONTENT_DAYS)
    free = not_(or_(content_held(at), content_paused(session), Case.status.in_(OPEN)))
    found = session.scalars(select(Case).where(over, Case.forgotten_at.is_(None), free)).all()
    return [case for case in found if not held(session, case, at).whole]


def _forget_content(session: Session, case: Case, at: datetime) -> list[str]:
    for purpose in CONTENT:
        destroy_key(session, case.id, purpose)
    forget_recipients(session, case.id)
    case.forgotten_at = at
    record(session, CaseForgotten(), SYSTEM, case.id)
    papers = [*forget_papers(session, case), *forget_letters(session, case), *forget_post(session, case)]
    return [*papers, *forget_attachments(session, case.id)]


def _lost_keys(session: Session, at: datetime) -> list[DataKey]:
    """Return the living keys of pictures and packages that have no row: what made them broke off half-way."""
    rowless = or_(
        and_(
            DataKey.purpose == Purpose.IDENTITY,
            DataKey.owner.not_in(select(Evidence.id)),
            DataKey.owner.not_in(select(Attachment.id)),
        ),
        and_(DataKey.purpose == Purpose.PACKAGE, DataKey.owner.not_in(select(Package.id))),
    )
    old = and_(DataKey.wrapped.is_not(None), DataKey.created_at <= at - timedelta(days=KEY_DAYS))
    return list(session.scalars(select(DataKey).where(old, rowless)))


def _forget_key(session: Session, key: DataKey, _at: datetime) -> list[str]:
    destroy_key(session, key.owner, key.purpose)
    return []


def _forget_row(session: Session, ended: ServerSession | Tries, _at: datetime) -> list[str]:
    session.delete(ended)
    return []


STEPS: tuple[tuple[Kind, Callable[..., list[Any]], Callable[..., list[str]]], ...] = (
    (Kind.CARD, _cards, _forget_card_unjudged),
    (Kind.DRAFT, _drafts, forget_draft),
    (Kind.UNSORTED, left_unsorted, forget_unsorted),
    (Kind.PACKAGE, _packages, _forget_package_unread),
    (Kind.CONTENT, content_due, _forget_content),
    (Kind.TRIAL, ended_trials, forget_trial),
    (Kind.CLOSING, _finished, _close),
    (Kind.KEYS, _lost_keys, _forget_key),
    (Kind.CODES, partial(gone.codes, kept=CODE_DAYS), gone.forget_code),
    (Kind.HANDOVERS, handovers.ended, handovers.forget_handover),
    (Kind.SESSIONS, gone.sessions, _forget_row),
    (Kind.TRIES, gone.tries, _forget_row),
    (Kind.DESK, kept.ended, _forget_row),
)


def sweep_job(_database: Database, _payload: Mapping[str, str]) -> Finish:
    """Run the nightly sweep; the files it orphans are unlinked by a job of their own, after the commit."""

    def finish(session: Session) -> None:
        for name in (*sweep(session, now()).files, ""):
            jobs.queue(session, "files.unlink", {"file": name})

    return finish


def unlink_job(database: Database, payload: Mapping[str, str]) -> None:
    """Unlink one file, or with no name every file of the vault that no row points to and that is a day old."""
    with database.reader() as session:
        vault: Vault = session.info["vault"]
        known = set(known_files(session))
    if payload["file"]:
        if payload["file"] not in known:
            vault.delete(payload["file"])
    else:
        vault.sweep_orphans(known, now() - timedelta(hours=24))
