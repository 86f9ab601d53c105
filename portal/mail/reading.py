"""Reads one mail that came in: who wrote it, when it reached our server, what it says, what hangs on it. Pure.

Everything in a mail is a claim of whoever sent it, but for the line that our own server put on top. Whatever the mail
is, it is read as far as it can be: nothing here raises, and no more than ``LIMIT`` bytes of it are looked at.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from itertools import islice

from portal.ui.forms import clean, is_address, one_line

LIMIT = 10_485_760
"""Bytes of a mail that are read; what comes after is not."""
LONGEST_TEXT = 20_000
LONGEST_LINE = 200
MOST_PARTS = 200
MOST_FILES = 20
HEAD = 262_144
OLDEST = timedelta(days=92)
"""A day in a mail that is longer ago is not believed."""
SKEW = timedelta(hours=1)
REFERENCE = re.compile(r"\bMB-[A-HJKMNP-Z2-9]{4}-[0-9]{2}\b")
IDENTITY = re.compile(r"<([^<>\s]{3,250})>")
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


def read_mail(data: bytes, hosts: Collection[str], at: datetime) -> Incoming:
    """Return what ``data`` says.

    Args:
        data: the mail, or the beginning of it.
        hosts: our own mail servers, in small letters.
        at: the present moment; a day in a mail that lies ahead of it is not believed.
    """
    cut, data = len(data) > LIMIT, data[:LIMIT]
    try:
        mail = message_from_bytes(data, policy=policy.compat32)
        parts = list(islice(mail.walk(), MOST_PARTS))
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError):
        mail = BytesParser(policy=policy.compat32).parsebytes(data[:HEAD], headersonly=True)
        mail.set_payload("")
        parts, cut = [], True
    name, address = _sender(mail)
    subject = _line(mail, "Subject")
    received, dates = _moments(mail, hosts, at)
    return Incoming(
        name=_own_name(mail, data, address),
        sender=name,
        address=address,
        subject=subject,
        text=_text(parts),
        answers=tuple(IDENTITY.findall(f"{_raw(mail, 'In-Reply-To')} {_raw(mail, 'References')}")[:50]),
        references=tuple(dict.fromkeys(REFERENCE.findall(subject.upper()))),
        server_at=received,
        earliest_at=min(dates, default=None),
        automatic=_is_automatic(mail),
        cut=cut,
        closed=any(part.get_content_type() in UNREADABLE for part in parts),
        files=tuple(islice(_files(parts), MOST_FILES)),
    )


def _raw(mail: Message, name: str) -> str:
    return str(mail.get(name, ""))[:HEAD]


def _line(mail: Message, name: str) -> str:
    """Return a header on one line: no sign of it can begin another one."""
    raw = _raw(mail, name)[:5000]
    try:
        said = str(make_header(decode_header(raw)))
    except (ValueError, LookupError, TypeError, AssertionError):
        said = raw
    return one_line(said.encode("utf-8", "replace").decode())[:LONGEST_LINE]


def _sender(mail: Message) -> tuple[str, str]:
    name, address = parseaddr(_raw(mail, "From")[:2000])
    named: Message = Message()
    named["Name"] = name.replace("\r", " ").replace("\n", " ")
    plain = address.strip()
    return _line(named, "Name"), plain if is_address(plain) else ""


def _own_name(mail: Message, data: bytes, address: str) -> str:
    """Return what the mail is known by. Who copies the Message-ID of another's mail does not make that one known."""
    found = IDENTITY.search(_raw(mail, "Message-ID"))
    return f"{found.group(1)} {address}" if found else hashlib.sha256(data).hexdigest()


def _moments(mail: Message, hosts: Collection[str], at: datetime) -> tuple[datetime | None, list[datetime]]:
    """Return when our server took it in, by the topmost line it wrote, and every moment that can be believed."""
    ours, believed = None, []
    lines = [str(each)[:4000] for each in mail.get_all("Received", [])[:100]]
    for line in lines:
        trace, _, stamp = line.rpartition(";")
        moment = _moment(stamp, at)
        by = BY.search(trace)
        if ours is None and moment and by and by.group(1).lower().rstrip(".") in hosts:
            ours = moment
        believed += [moment] if moment else []
    dated = _moment(_raw(mail, "Date"), at)
    return ours, [*believed, *([dated] if dated else [])]


def _moment(text: str, at: datetime) -> datetime | None:
    try:
        said = parsedate_to_datetime(text.strip()[:200])
        moment = (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(moment, at) if at - OLDEST <= moment <= at + SKEW else None


def _is_automatic(mail: Message) -> bool:
    """Whether a machine wrote it (RFC 3834): a receipt to it would be answered by a machine too."""
    said = _raw(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    returned = _raw(mail, "Return-Path").strip() == "<>" or mail.get_content_type() == "multipart/report"
    listed = _raw(mail, "Precedence").strip().lower() in AUTOMATIC or mail.get("List-Id") is not None
    return said not in {"", "no"} or returned or listed


def _is_file(part: Message) -> bool:
    if part.is_multipart() or part.get_content_type() in NO_FILE:
        return False
    return part.get_content_maintype() != "text" or _name(part) != "" or part.get_content_disposition() == "attachment"


def _files(parts: list[Message]) -> Iterator[Attached]:
    for number, part in enumerate(parts):
        if _is_file(part):
            yield Attached(_name(part) or f"{part.get_content_type()}-{number}", _bytes(part))


def _name(part: Message) -> str:
    try:
        said = part.get_filename("") or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        said = ""
    named: Message = Message()
    named["Name"] = said.replace("\r", " ").replace("\n", " ")
    return _line(named, "Name").rpartition("/")[2].rpartition("\\")[2][:100]


def _bytes(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        return b""
    return content if isinstance(content, bytes) else b""


def _text(parts: list[Message]) -> str:
    """Return the first plain text; without one, what the HTML says."""
    said: Mapping[str, str] = {"text/plain": "", "text/html": ""}
    found = dict(said)
    for part in parts:
        kind = part.get_content_type()
        if kind in found and not found[kind] and not _is_file(part):
            found[kind] = _decoded(part)
    return clean(found["text/plain"])[:LONGEST_TEXT] or _without_tags(found["text/html"])


def _decoded(part: Message) -> str:
    content = _bytes(part)[: LONGEST_TEXT * 20]
    try:
        return content.decode(str(part.get_content_charset() or "utf-8"), "replace")
    except (ValueError, LookupError, TypeError):
        return content.decode("utf-8", "replace")


class _Plain(HTMLParser):
    """The words of a page: no script, no style, a new line where a block ends."""

    ends = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote"})
    silent = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.muted = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.muted += tag in self.silent
        self.words.append("\n" if tag in self.ends else "")

    def handle_endtag(self, tag: str) -> None:
        self.muted = max(self.muted - (tag in self.silent), 0)
        self.words.append("\n" if tag in self.ends else "")

    def handle_data(self, data: str) -> None:
        if not self.muted:
            self.words.append(re.sub(r"\s+", " ", data))


def _without_tags(page: str) -> str:
    reader = _Plain()
    try:
        reader.feed(page)
        reader.close()
    except (AssertionError, ValueError, RecursionError):
        return clean(re.sub(r"<[^<>]{0,2000}>", " ", page))[:LONGEST_TEXT]
    lines = [line.strip() for line in clean("".join(reader.words)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_TEXT]
