"""Drafts: what a person said so far. Loads, changes and saves them, sealed at every turn. Sends nothing."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.cases.access import open_json, seal_json
from portal.cases.models import Conversation
from portal.clock import now
from portal.db import changed, new_id
from portal.errors import NotYours
from portal.files.keys import Purpose, destroy_key
from portal.intake import script
from portal.intake.masks import Mask, pack_mask, unpack_mask
from portal.intake.vouching import Vouch, pack_vouch, unpack_vouch
from portal.register import Register
from portal.rights import RIGHTS
from portal.rights.base import Answer, Question, Right, fields_of
from portal.words import N_

UPLOADS_PER_HOUR = 10
CONTACT = script.CONTACT.key
DROPPED = N_("We kept what still applies. This is no longer needed: %(names)s.")
SIGN_AGAIN = N_("You changed something, so sign your request again.")


class AlreadySent(Exception):
    """This conversation became a request; nothing in it can be changed any more."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the portal says once at the next turn: an English source string, and labels to put into it."""

    text: str
    tone: str = "info"
    names: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """A conversation that was not sent yet."""

    id: str
    right: Right | None = None
    words: str = ""  # what the person wrote at the door, in their own words
    answers: dict[str, Answer] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)  # finished turns that are no question: code, identity, sign
    pending: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # half-filled forms by turn
    code_for: str = ""  # hash of the mailbox the last code went to
    mailbox: str = ""  # hash of the mailbox that was confirmed
    signature: str = ""
    signed_at: datetime | None = None
    other_proof: str = ""
    other_proof_note: str = ""
    uploads: list[datetime] = field(default_factory=list)
    mask: Mask = field(default_factory=Mask)
    vouch: Vouch | None = None  # what the controller's app said of who this is
    notices: list[Notice] = field(default_factory=list)

    @property
    def contact(self) -> dict[str, str]:
        """What the person said of who they are; empty before that turn."""
        return fields_of(self.answers, CONTACT)

    @property
    def is_known(self) -> bool:
        """Whether the controller's app said who this is, and what the person said since still fits it."""
        return self.vouch is not None and not self.vouch.fault(self.contact)

    @property
    def steps(self) -> list[script.Step]:
        """Every turn of this conversation as it stands."""
        return script.steps(self.right, self.answers, known=self.is_known)

    @property
    def next_key(self) -> str:
        """The first turn that is still open."""
        return script.next_step(self.right, self.answers, self.done, known=self.is_known).key

    def may_visit(self, key: str) -> bool:
        """Say whether every turn before ``key`` is finished."""
        return script.may_visit(self.right, self.answers, self.done, key, known=self.is_known)

    def uploads_left(self, at: datetime) -> int:
        """Return how many files may still be chosen within the hour before ``at``."""
        return UPLOADS_PER_HOUR - sum(each > at - timedelta(hours=1) for each in self.uploads)

    def count_upload(self, at: datetime) -> None:
        """Note that a file was chosen at ``at``."""
        self.uploads = [*(each for each in self.uploads if each > at - timedelta(hours=1)), at]

    def reopen(self, keys: Collection[str]) -> None:
        """Open finished turns again; say so where the signature was among them."""
        if script.SIGN in keys and script.SIGN in self.done:
            self.notices.append(Notice(SIGN_AGAIN))
        self.done -= set(keys)


def begin(session: Session, language: str, right: Right | None, words: str) -> Draft:
    """Start a conversation and save it."""
    draft, moment = Draft(new_id(), right, words), now()
    session.add(Conversation(id=draft.id, language=language, created_at=moment, updated_at=moment))
    session.flush()
    save(session, draft, language)
    return draft


def load(session: Session, conversation_id: str, *, to_change: bool = False) -> Draft:
    """Return the conversation.

    Args:
        session: any session.
        conversation_id: which one.
        to_change: nobody else may change it until the commit; needs a write session.

    Raises:
        NotYours: there is no such conversation (any more).
        AlreadySent: it became a request.
        SealBroken, KeyDestroyed: it cannot be opened.
    """
    wanted = select(Conversation).where(Conversation.id == conversation_id)
    row = session.scalars(wanted.with_for_update() if to_change else wanted).one_or_none()
    if row is None:
        raise NotYours
    if row.submitted_at is not None or row.answers is None:
        raise AlreadySent
    return _unpack(row, open_json(session, row.id, Purpose.ANSWERS, row.answers))


def save(session: Session, draft: Draft, language: str) -> None:
    """Seal and save ``draft``.

    Raises:
        AlreadySent: it became a request meanwhile.
    """
    sealed = seal_json(session, draft.id, Purpose.ANSWERS, _pack(draft))
    kept = update(Conversation).where(Conversation.id == draft.id, Conversation.submitted_at.is_(None))
    values = {
        "answers": sealed,
        "language": language,
        "right_slug": draft.right.slug if draft.right else None,
        "verified_mailbox": draft.mailbox or None,
        "updated_at": now(),
    }
    if not changed(session, kept.values(**values)):
        raise AlreadySent


def forget(session: Session, conversation_id: str) -> None:
    """Empty a conversation that became a request: the case holds what was said, under its own keys."""
    session.execute(update(Conversation).where(Conversation.id == conversation_id).values(answers=None))
    destroy_key(session, conversation_id, Purpose.ANSWERS)


def choose_right(draft: Draft, right: Right, register: Register) -> None:
    """Take ``right``; keep what was said as far as it still applies, and say what does not."""
    before, old = dict(draft.answers), draft.right
    draft.right = right
    _drop(draft, old, right, register)
    draft.reopen(script.undone(before, draft.answers))
    if old is not None and old.slug != right.slug:
        draft.reopen({script.SIGN})


def give_answer(draft: Draft, question: Question, answer: Answer, register: Register) -> None:
    """Take ``answer`` to ``question``; drop what it makes pointless, and open again what rested on the old one."""
    before, was_known = dict(draft.answers), draft.is_known
    draft.answers[question.key] = answer
    draft.pending.pop(question.key, None)
    if draft.right is not None:
        _drop(draft, draft.right, draft.right, register)
    draft.reopen(script.undone(before, draft.answers))
    if was_known and draft.vouch and (fault := draft.vouch.fault(draft.contact)):
        draft.notices.append(Notice(fault, "warn"))


def _drop(draft: Draft, old: Right | None, new: Right, register: Register) -> None:
    kept = script.keep(old, new, draft.answers, register)
    asked = {each.key: each.short for each in (*(old.questions if old else ()), *new.questions, script.CONTACT)}
    draft.answers = kept.answers
    draft.pending = {key: form for key, form in draft.pending.items() if key in asked and key not in kept.dropped}
    if kept.dropped:
        names = tuple(dict.fromkeys(asked[key] for key in kept.dropped if key in asked))
        draft.notices.append(Notice(DROPPED, names=names))


def _pack(draft: Draft) -> dict[str, object]:
    return {
        "words": draft.words,
        "answers": draft.answers,
        "done": sorted(draft.done),
        "pending": draft.pending,
        "code_for": draft.code_for,
        "signature": draft.signature,
        "signed_at": draft.signed_at.isoformat() if draft.signed_at else None,
        "other_proof": draft.other_proof,
        "other_proof_note": draft.other_proof_note,
        "uploads": [each.isoformat() for each in draft.uploads],
        "mask": pack_mask(draft.mask),
        "vouch": pack_vouch(draft.vouch),
        "notices": [[each.text, each.tone, list(each.names)] for each in draft.notices],
    }


def _unpack(row: Conversation, said: dict[str, Any]) -> Draft:
    return Draft(
        id=row.id,
        right=RIGHTS.get(row.right_slug or ""),
        words=said["words"],
        answers=said["answers"],
        done=set(said["done"]),
        pending=said["pending"],
        code_for=said["code_for"],
        mailbox=row.verified_mailbox or "",
        signature=said["signature"],
        signed_at=datetime.fromisoformat(said["signed_at"]) if said["signed_at"] else None,
        other_proof=said["other_proof"],
        other_proof_note=said["other_proof_note"],
        uploads=[datetime.fromisoformat(each) for each in said["uploads"]],
        mask=unpack_mask(said["mask"]),
        vouch=unpack_vouch(said.get("vouch")),
        notices=[Notice(text, tone, tuple(names)) for text, tone, names in said["notices"]],
    )
