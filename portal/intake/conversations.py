"""Drafts: loads, changes and saves what a person said so far, sealed at every turn. Sends nothing."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.ways_back import forget_ways
from portal.cases.access import ladder_of, open_json, seal_json
from portal.cases.models import Conversation
from portal.clock import now
from portal.db import changed, new_id
from portal.errors import InputRejected, NotYours
from portal.files.keys import Purpose, destroy_key
from portal.intake import script
from portal.intake.drafts import CONTACT, UPLOADS_PER_HOUR, Draft, Notice, pack, unpack
from portal.intake.guessing import Guess
from portal.intake.vouching import Vouch
from portal.intake.wishes import Wish, offered, proposals, taken
from portal.register import Register
from portal.rights.base import Answer, Right
from portal.words import N_

__all__ = [
    "CONTACT",
    "UPLOADS_PER_HOUR",
    "AlreadySent",
    "AskedTwice",
    "Draft",
    "Notice",
    "add_offer",
    "add_wish",
    "begin",
    "choose_right",
    "drop_wish",
    "follow_up",
    "forget",
    "give_answer",
    "load",
    "save",
]

CONTACT_KEYS = tuple(each.key for each in script.CONTACT.fields)
DROPPED = N_("We kept what still applies. This no longer applies: %(names)s.")


class AskedTwice(InputRejected):
    """A right that this conversation asks already."""

    default = N_("You are already asking this. Change that request instead, or choose something else.")


class AlreadySent(Exception):
    """This conversation became a request; nothing in it can be changed any more."""


def begin(session: Session, language: str, rights: Sequence[Right], words: str, guess: Guess | None = None) -> Draft:
    """Start a conversation about ``rights`` (none: they are asked first) and save it.

    Args:
        session: a write session.
        language: of the page.
        rights: what the person chose.
        words: what they wrote.
        guess: what the words may mean.
    """
    return _start(session, Draft(new_id(), [Wish(right) for right in rights] or [Wish()], words, guess), language)


def follow_up(
    session: Session, language: str, wish: Wish, contact: Mapping[str, str], mailbox: str, vouch: Vouch | None = None
) -> Draft:
    """Start a conversation about ``wish`` for a person who is known, and save it.

    Args:
        session: a write session.
        language: of the page.
        wish: what follows from a request that was sent.
        contact: who the person said they are when they sent that.
        mailbox: keyed hash of the mailbox that they confirmed for it, and in this browser.
        vouch: what the controller's app said of them in this very visit.
    """
    draft = Draft(new_id(), [wish], person={CONTACT: [{key: contact.get(key, "") for key in CONTACT_KEYS}]})
    draft.code_for = draft.mailbox = mailbox
    draft.vouch = vouch
    draft.done.add(script.CODE)
    return _start(session, draft, language)


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
    return unpack(row, open_json(session, row.id, Purpose.ANSWERS, row.answers), ladder_of(session))


def save(session: Session, draft: Draft, language: str) -> None:
    """Seal and save ``draft``.

    Raises:
        AlreadySent: it became a request meanwhile.
    """
    sealed = seal_json(session, draft.id, Purpose.ANSWERS, pack(draft))
    kept = update(Conversation).where(Conversation.id == draft.id, Conversation.submitted_at.is_(None))
    values = {
        "answers": sealed,
        "language": language,
        "rights": [wish.right.slug for wish in draft.wishes if wish.right],
        "verified_mailbox": draft.mailbox or None,
        "updated_at": now(),
    }
    if not changed(session, kept.values(**values)):
        raise AlreadySent


def forget(session: Session, conversation_id: str) -> None:
    """Empty a conversation that became a request: the case holds what was said, under its own keys."""
    session.execute(update(Conversation).where(Conversation.id == conversation_id).values(answers=None))
    destroy_key(session, conversation_id, Purpose.ANSWERS)
    forget_ways(session, conversation_id)


def _start(session: Session, draft: Draft, language: str) -> Draft:
    moment, draft.ladder = now(), ladder_of(session)
    session.add(Conversation(id=draft.id, language=language, rights=[], created_at=moment, updated_at=moment))
    session.flush()
    save(session, draft, language)
    return draft


def choose_right(draft: Draft, number: int, right: Right, register: Register) -> None:
    """Take ``right`` for the wish ``number``, from 1; keep what was said as far as it applies, and say what does not.

    Raises:
        AskedTwice: another wish of this conversation is about the same right.
    """
    wish = draft.wishes[number - 1]
    if right.slug in taken([each for each in draft.wishes if each is not wish]):
        raise AskedTwice
    before, old = dict(wish.answers), wish.right
    wish.right = right
    _drop(draft, wish, old, register)
    draft.reopen(script.undone(before, wish.answers))
    if old is not None and old.slug != right.slug:
        draft.reopen({script.SIGN})


def give_answer(draft: Draft, step: script.Step, answer: Answer, register: Register) -> None:
    """Take ``answer`` to ``step``; drop what it makes pointless, and open again what rested on the old one."""
    answers, wish = draft.answers_at(step), draft.wish_of(step)
    before, was_known = dict(answers), draft.is_known
    answers[step.name] = answer
    if step.number:
        wish.pending.pop(step.name, None)
        _drop(draft, wish, wish.right, register)
    draft.reopen(script.undone(before, draft.answers_at(step)))
    if was_known and draft.vouch and (fault := draft.vouch.fault(draft.contact)):
        draft.notices.append(Notice(fault, "warn"))


def add_wish(draft: Draft, right: Right) -> None:
    """Ask ``right`` too; the signature no longer covers everything.

    Raises:
        AskedTwice: it is asked already.
    """
    _add(draft, Wish(right))


def add_offer(draft: Draft, slug: str, register: Register) -> None:
    """Take up the offer of the right ``slug``, filled in as far as the wish it goes with tells.

    Raises:
        AskedTwice: it is asked already, or nothing offers it.
    """
    open_ones = {each.offer.right: each for each in proposals(draft.wishes)}
    if slug not in open_ones:
        raise AskedTwice
    proposal = open_ones[slug]
    _add(draft, offered(proposal.offer, draft.wishes[proposal.number - 1].answers, register))


def drop_wish(draft: Draft, number: int) -> None:
    """Leave the wish ``number``, from 1, out; the last one stays. The signature covered more than is asked now."""
    if len(draft.wishes) > 1 and 0 < number <= len(draft.wishes):
        del draft.wishes[number - 1]
        draft.reopen({script.SIGN})


def _add(draft: Draft, wish: Wish) -> None:
    if taken([wish]) <= taken(draft.wishes):
        raise AskedTwice
    draft.wishes.append(wish)
    draft.reopen({script.SIGN})


def _drop(draft: Draft, wish: Wish, old: Right | None, register: Register) -> None:
    new = wish.right
    if new is None:
        return
    kept = script.keep(old, new, wish.answers, register)
    asked = {each.key: each.short for each in (*(old.questions if old else ()), *new.questions)}
    wish.answers = kept.answers
    wish.pending = {key: form for key, form in wish.pending.items() if key in asked and key not in kept.dropped}
    if kept.dropped:
        names = tuple(dict.fromkeys(asked[key] for key in kept.dropped if key in asked))
        draft.notices.append(Notice(DROPPED, names=names))
