"""Reads one mail that came in: who wrote it, when it reached our server, what it says, what hangs on it. Pure.

Everything in a mail is a claim of whoever sent it, but for the line that our own server put on top. Whatever the mail
is, it is read as far as it can be: nothing here raises, and no more than ``LIMIT`` bytes of it are looked at.
"""

import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from itertools import islice

from portal.mail.saying import ShortHeaders, content_of, file_name, is_tangled, is_words, line, raw, words
from portal.ui.forms import is_address, one_line

SHORT = ShortHeaders()
LIMIT = 10_485_760
"""Bytes of a mail that are read; what comes after is not."""
MOST_PARTS = 200
MOST_FILES = 20
HEAD = 262_144
OLDEST = timedelta(days=92)
"""A day in a mail that is longer ago is not believed."""
SKEW = timedelta(hours=1)
REFERENCE = re.compile(r"\bMB-[A-HJKMNP-Z2-9]{4}-[0-9]{2}\b")
IDENTITY = re.compile(r"<([!-;=?-~]{3,250})>")
LIST = re.compile(r"<([^<>\s]{1,250})>")
BY = re.compile(r"\bby\s+\[?([A-Za-z0-9.:-]{1,253})", re.IGNORECASE)
UNREADABLE = {"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted", "application/ms-tnef"}
NO_FILE = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
AUTOMATIC = {"bulk", "list", "junk", "auto_reply"}


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that hangs on a mail."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail as far as it could be read.

    Args:
        name: what it is known by: its Message-ID, or the hash of its bytes.
        sender: name in the From line, or empty.
        address: in the From line, proven by nothing; empty where it is no plain address.
        subject: on one line.
        text: what it says, plain.
        answers: the Message-IDs it says it answers.
        references: our own references in its subject.
        server_at: when our own server took it in; None where no line of ours says so.
        earliest_at: the earliest moment it can have been sent that can be believed; None without one.
        automatic: whether a machine wrote it.
        cut: whether it was longer than what is read.
        closed: whether what it says is encrypted, or in a form only one program opens.
        files: what hangs on it, at most ``MOST_FILES``.
    """

    name: str = field(repr=False)
    sender: str = field(repr=False)
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    answers: tuple[str, ...]
    references: tuple[str, ...]
    server_at: datetime | None
    earliest_at: datetime | None
    automatic: bool
    cut: bool
    closed: bool
    files: tuple[Attached, ...]


def read_mail(data: bytes, hosts: Collection[str], at: datetime, lists: Collection[str] = ()) -> Incoming:
    """Return what ``data`` says.

    Args:
        data: the mail, or the beginning of it.
        hosts: our own mail servers, in small letters.
        at: the present moment; a day in a mail that lies ahead of it is not believed.
        lists: our own domains, in small letters: what comes over a mailing list there was written to a mailbox of ours.
    """
    cut, data = len(data) > LIMIT, data[:LIMIT].removeprefix(BOM_UTF8)
    try:
        mail, parts = _taken_apart(data)
        text = words(mail, parts)
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError):
        mail = BytesParser(policy=SHORT).parsebytes(data[:HEAD], headersonly=True)
        mail.set_payload("")
        parts, text, cut = [], "", True
    name, address = _sender(mail)
    subject = line(raw(mail, "Subject"))
    received, dates = _moments(mail, hosts, at)
    return Incoming(
        name=_own_name(mail, data, address),
        sender=name,
        address=address,
        subject=subject,
        text=text,
        answers=tuple(IDENTITY.findall(f"{raw(mail, 'In-Reply-To')} {raw(mail, 'References')}")[:50]),
        references=tuple(dict.fromkeys(REFERENCE.findall(subject.upper()))),
        server_at=received,
        earliest_at=min(dates, default=None),
        automatic=_is_automatic(mail, lists),
        cut=cut,
        closed=any(part.get_content_type() in UNREADABLE for part in parts),
        files=tuple(islice(_files(parts), MOST_FILES)),
    )


def _taken_apart(data: bytes) -> tuple[Message, list[Message]]:
    if is_tangled(data):
        raise ValueError("it would take too long")
    mail = message_from_bytes(data, policy=SHORT)
    return mail, list(islice(mail.walk(), MOST_PARTS))


def _sender(mail: Message) -> tuple[str, str]:
    try:
        name, address = parseaddr(raw(mail, "From")[:2000])
    except (RecursionError, ValueError, IndexError):  # brackets within brackets
        return "", ""
    plain = address.strip()
    return line(name), plain if is_address(plain) else ""


def _own_name(mail: Message, data: bytes, address: str) -> str:
    """Return what the mail is known by. Who copies the Message-ID of another's mail does not make that one known."""
    found = IDENTITY.search(raw(mail, "Message-ID"))
    return f"{found.group(1)} {address}" if found else hashlib.sha256(data).hexdigest()


def _moments(mail: Message, hosts: Collection[str], at: datetime) -> tuple[datetime | None, list[datetime]]:
    """Return when our server took it in, by the topmost line it wrote, and every moment that can be believed."""
    ours, believed = None, []
    for each in mail.get_all("Received", [])[:100]:
        trace, _, stamp = str(each)[:4000].rpartition(";")
        moment = _moment(stamp, at)
        by = BY.search(trace)
        if ours is None and moment and by and by.group(1).lower().rstrip(".") in hosts:
            ours = moment
        believed += [moment] if moment else []
    dated = _moment(raw(mail, "Date"), at)
    return ours, [*believed, *([dated] if dated else [])]


def _moment(text: str, at: datetime) -> datetime | None:
    try:
        said = parsedate_to_datetime(text.strip()[:200])
        moment = (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(moment, at) if at - OLDEST <= moment <= at + SKEW else None


def _is_automatic(mail: Message, lists: Collection[str]) -> bool:
    """Whether a machine wrote it (RFC 3834): a receipt to it would be answered by a machine too."""
    said = raw(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    returned = raw(mail, "Return-Path").strip() == "<>" or mail.get_content_type() == "multipart/report"
    precedence, listed = raw(mail, "Precedence").strip().lower(), LIST.search(raw(mail, "List-Id").lower())
    if listed and any(f".{listed.group(1)}".endswith(f".{domain}") for domain in lists):
        return said not in {"", "no"} or returned or precedence in AUTOMATIC - {"list"}
    return said not in {"", "no"} or returned or precedence in AUTOMATIC or mail.get("List-Id") is not None


def _is_file(part: Message) -> bool:
    if part.is_multipart() or part.get_content_type() in NO_FILE:
        return False
    return not is_words(part)


def _files(parts: list[Message]) -> Iterator[Attached]:
    for number, part in enumerate(parts):
        if _is_file(part):
            yield Attached(file_name(part) or one_line(f"{part.get_content_type()}-{number}"), content_of(part))
