"""A mail that came in becomes a case, once; an answer to a case goes to that case. Its pictures are made anew first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal.accounts.codes import mailbox_hash
from portal.audit.desk_events import MailAttached
from portal.audit.events import PersonReplied
from portal.audit.record import PERSON, Actor, record
from portal.cases.arrivals import Asked, Basis, arrival_of, note_arrival, note_read, read_before
from portal.cases.attachments import MOST_OF_CASE, Sealed, attach, count_of
from portal.cases.heard import hear
from portal.cases.letters import queue_staff_letter
from portal.cases.lifecycle import OPEN, Status
from portal.cases.mail_files import keep_files
from portal.cases.models import Author, Case, Channel, Message
from portal.cases.moves import Filing, file_for
from portal.cases.signing import Signature, sign
from portal.clock import now
from portal.config import settings_of
from portal.db import Database, new_id
from portal.files.keys import Purpose, seal
from portal.mail.outbox import Mail
from portal.mail.reading import LIMIT, Incoming, read_mail
from portal.mail.reports import files_in
from portal.register import Register
from portal.words import N_

OWN_WORDS = "own_words"
NO_WORDS = N_("(This mail holds no text that we can read.)")
CUT = N_("(The mail is longer than what we read.)")
LEFT_OUT = N_("We could not safely take these attachments of your mail: %(names)s. Please send them another way.")
BY_MAIL = N_("(This came by mail. Nobody confirmed who sent it.)")
NOT_OPENED = N_("We could not open your mail: it is locked, or made for one program. Please write it as plain text.")


class Fate(StrEnum):
    """What became of a mail."""

    FILED = "filed"
    ADDED = "added"
    KNOWN = "known"
    AUTOMATIC = "automatic"
    NO_SENDER = "no_sender"


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that is read and ready to be filed; its files, made anew, lie sealed in the vault."""

    mail: Incoming = field(repr=False)
    files: tuple[Sealed, ...] = field(repr=False)
    left_out: tuple[str, ...] = field(repr=False)


def read(data: bytes, session: Session) -> Incoming:
    """Return the mail in ``data``."""
    settings = settings_of(session)
    ours = {each.rpartition("@")[2].lower() for each in (settings.mail_from, settings.controller.email)}
    return read_mail(data, settings.mail_hosts, now(), ours)


def mails_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a Maildir or a plain folder, in the order that bounces are read in too."""
    return files_in(folder)


def read_file(path: Path, session: Session) -> Incoming:
    """Return the mail in the file at ``path``; no more of it is read than is looked at."""
    with path.open("rb") as stream:
        return read(stream.read(LIMIT + 1), session)


def fate_of(session: Session, mail: Incoming) -> Fate | None:
    """Return what is to become of ``mail`` where that is known before it is taken in: nothing is filed for it."""
    if read_before(session, mail.name) is not None:
        return Fate.KNOWN
    settings = settings_of(session)
    ours = {settings.mail_from.lower(), settings.controller.email.lower()}
    if mail.automatic or mail.address.lower() in ours:
        return Fate.AUTOMATIC
    return None if mail.address else Fate.NO_SENDER


def take(database: Database, mail: Incoming, slots: Path) -> Taken:
    """Make the files of ``mail`` safe in the locked-in child, as those of messages are; what cannot be stays out.

    Outside any transaction: it takes seconds.
    """
    files, left_out = keep_files(database, ((each.name, each.content) for each in mail.files), slots)
    return Taken(mail, tuple(files), tuple(left_out))


def file_mail(session: Session, taken: Taken, guess: Asked, by: Actor) -> tuple[Case, Fate]:
    """File a mail: a message to the case it answers, or a new case with its receipt. The caller commits.

    Args:
        session: a write session.
        taken: the mail, for which ``fate_of`` says nothing.
        guess: what it may ask; nothing is decided before somebody at the desk said so.
        by: who reads it.
    """
    mail = taken.mail
    if (known := read_before(session, mail.name)) is not None:
        return known, Fate.KNOWN
    if (case := _answered(session, mail)) is not None:
        _add(session, case, taken)
        note_read(session, mail.name, case)
        return case, Fate.ADDED
    case = _new_case(session, taken, guess, by)
    note_read(session, mail.name, case)
    return case, Fate.FILED


def written(session: Session, channel: Channel, asked: Asked, contact: dict[str, str], at: datetime) -> Filing:
    """Return a request that nobody signed, ready to be filed."""
    register: Register = session.info["register"]
    kept = {key: value for key, value in contact.items() if value}
    policy = register.policy_version
    right = "" if channel is Channel.MAIL else asked.right  # what a mail asks is said later, by the desk
    return Filing(
        right=asked.right,
        language=asked.language,
        answers=asked.answers,
        contact=kept,
        signed=sign(right, asked.answers, kept, Signature(""), at, policy),
        policy_version=policy,
        register_version=register.version,
        channel=channel,
        received_at=at,
    )


def words_of(mail: Incoming) -> str:
    """Return subject and text as the desk reads them."""
    parts = (mail.subject, mail.text or gettext(NO_WORDS), gettext(CUT) if mail.cut else "")
    return "\n\n".join(part for part in parts if part)


def _new_case(session: Session, taken: Taken, guess: Asked, by: Actor) -> Case:
    mail = taken.mail
    basis, at = _first_arrived(session, mail) or _arrived(mail)
    contact = {"name": mail.sender or mail.address.partition("@")[0], "email": mail.address, "acting": "self"}
    filing = written(session, Channel.MAIL, guess, contact, at)
    told = {"unread": "yes"} | ({"left_out": str(len(taken.left_out))} if taken.left_out else {})
    case = file_for(session, filing, by, told)
    note_arrival(session, case, basis, by, {"subject": mail.subject, "left_out": list(taken.left_out)}, unread=True)
    if taken.files:
        with force_locale(case.language):
            said = gettext(BY_MAIL)
        attach(session, _message(session, case, Author.PERSON, said), taken.files)
    _tell_left_out(session, case, taken.mail, taken.left_out)
    return case


def _arrived(mail: Incoming) -> tuple[Basis, datetime]:
    if mail.server_at is not None:
        return Basis.SERVER, mail.server_at
    return (Basis.EARLIEST, mail.earliest_at) if mail.earliest_at is not None else (Basis.READ, now())


def _first_arrived(session: Session, mail: Incoming) -> tuple[Basis, datetime] | None:
    """Return since when the person asks, where this answers a letter that said their first mail asked nothing."""
    set_aside = (Case.channel == Channel.MAIL, Case.status == Status.CLOSED, Case.answered_at.is_(None))
    asked = select(Case).where(*set_aside, Case.mailbox == mailbox_hash(session, mail.address))
    for case in session.scalars(asked.where(_is_named(mail)).order_by(Case.received_at).limit(1)):
        arrival = arrival_of(session, case)
        return (arrival.basis, case.received_at) if arrival else None
    return None


def _is_named(mail: Incoming) -> ColumnElement[bool]:
    ids = [each.partition("@")[0] for each in mail.answers]
    named = select(Mail.case_id).where(Mail.id.in_(ids), Mail.letter.not_like("staff-%"))
    return or_(Case.id.in_(named), Case.reference.in_(mail.references))


def _answered(session: Session, mail: Incoming) -> Case | None:
    """Return the open case that ``mail`` answers: it names a mail of ours, or our reference from the same address."""
    ids = [each.partition("@")[0] for each in mail.answers]
    named = session.scalars(select(Mail.case_id).where(Mail.id.in_(ids), Mail.letter.not_like("staff-%"))).all()
    by_id = select(Case).where(Case.id.in_([each for each in named if each]), Case.status.in_(OPEN))
    by_reference = select(Case).where(Case.reference.in_(mail.references), Case.status.in_(OPEN))
    box = mailbox_hash(session, mail.address)
    for wanted in (by_id, by_reference):
        for case in session.scalars(wanted.where(Case.mailbox == box).limit(1)):
            return case
    return None


def _add(session: Session, case: Case, taken: Taken) -> None:
    """Keep ``taken`` as the person's message: it came from the address of the case, which its From line only says."""
    full = count_of(session, case.id) + len(taken.files) > MOST_OF_CASE
    left_out = [*taken.left_out, *(each.name for each in taken.files if full)]
    names = f"\n\n[{', '.join(left_out)}]" if left_out else ""
    with force_locale(case.language):
        said = f"{gettext(BY_MAIL)}\n\n{words_of(taken.mail)}{names}"
    message = _message(session, case, Author.PERSON, said)
    attach(session, message, () if full else taken.files)
    record(session, PersonReplied(message=message.id), PERSON, case.id)
    record(session, MailAttached(message=message.id), PERSON, case.id)
    hear(session, case)
    queue_staff_letter(session, case, "staff-reply")
    _tell_left_out(session, case, taken.mail, left_out)


def _tell_left_out(session: Session, case: Case, mail: Incoming, left_out: Sequence[str]) -> None:
    """Say on the person's page which attachments were kept out, in their language."""
    with force_locale(case.language):
        said = [gettext(NOT_OPENED)] if mail.closed and not mail.text else []
        if left_out:
            said.append(gettext(LEFT_OUT, names=", ".join(left_out)))
    if said:
        _message(session, case, Author.STAFF, "\n\n".join(said))


def _message(session: Session, case: Case, author: Author, text: str) -> Message:
    sealed = seal(session, case.id, Purpose.MESSAGES, text.encode())
    message = Message(id=new_id(), case_id=case.id, author=author, text=sealed, created_at=now())
    session.add(message)
    session.flush()
    return message
