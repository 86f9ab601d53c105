"""Reads delivery reports (RFC 3464) out of a folder or a Maildir: which of our mails came back for good, and why.

A report is found by the Message-ID of the mail that it returns, which nobody knows but us and who got it. What is
delayed is no report that a mail came back; what we cannot read is left alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from pathlib import Path

from portal.mail.saying import ShortHeaders, is_tangled

LARGEST = 2_000_000  # bytes of one report
MAILDIR = ("new", "cur")
OUR_ID = re.compile(r"<([0-9a-f]{32})@([A-Za-z0-9.-]+)>")
STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
FAILED = "failed"
UNKNOWN_STATUS = "5.0.0"


@dataclass(frozen=True, slots=True)
class Report:
    """One mail that came back: its id in our table, the domain it was sent from, and the status (RFC 3463)."""

    mail_id: str
    domain: str
    status: str


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a Maildir (what is new and what was seen), or of a plain folder, oldest name first."""
    below = [folder / name for name in MAILDIR if (folder / name).is_dir()]
    for each in below or [folder]:
        yield from sorted(path for path in each.iterdir() if path.is_file() and not path.is_symlink())


def read_report(path: Path) -> Report | None:
    """Return what the file at ``path`` reports, or None where it is no report that a mail of ours came back."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST or is_tangled(data):
            return None
        return report_in(message_from_bytes(data, policy=ShortHeaders()))
    except (OSError, MessageError, ValueError, LookupError, RecursionError, AttributeError, TypeError):
        return None  # another program may have moved it meanwhile


def reports_in(folder: Path) -> list[Report]:
    """Return what every file of ``folder`` (a Maildir, or plain files) reports; reads them, and takes its time."""
    found = (read_report(path) for path in files_in(folder))
    return [report for report in found if report is not None]


def report_in(message: Message) -> Report | None:
    """Return what ``message`` reports, or None."""
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    status, returned = None, None
    for part in message.walk():
        match part.get_content_type():
            case "message/delivery-status":
                status = status or _failure(part)
            case "message/rfc822" | "message/global":
                returned = returned or _id_of_returned(part)
            case "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers":
                returned = returned or _id_in(_text(part), "message-id")
            case _:
                pass
    returned = returned or _id(str(message.get("In-Reply-To", ""))) or _id(str(message.get("References", "")))
    return Report(returned[0], returned[1], status) if status and returned else None


def _failure(part: Message) -> str | None:
    """Return the status of the first recipient whose mail failed for good; None where it is late, or was delivered."""
    for block in _parts(part):
        if str(block.get("Action", "")).strip().lower() == FAILED:
            found = STATUS.match(str(block.get("Status", "")))
            return found.group(1) if found else UNKNOWN_STATUS
    return None


def _id_of_returned(part: Message) -> tuple[str, str] | None:
    inside = _parts(part)
    return _id(str(inside[0].get("Message-ID", ""))) if inside else None


def _parts(part: Message) -> list[Message]:
    """Return the messages that ``part`` holds."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _id_in(headers: str, name: str) -> tuple[str, str] | None:
    for line in headers.splitlines():
        key, _colon, value = line.partition(":")
        if key.strip().lower() == name:
            return _id(value)
    return None


def _id(text: str) -> tuple[str, str] | None:
    found = OUR_ID.search(text)
    return (found.group(1), found.group(2)) if found else None


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
