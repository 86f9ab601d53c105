"""What the sources hold, as the desk reads it: who is on file, proof of search, dry run, what can be corrected."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.cases.access import findings_of
from portal.cases.models import Case

Text: TypeAlias = str | Mapping[str, str]
"""A text, or one text by language."""

SUPPLEMENT = "supplement:"


@dataclass(frozen=True, slots=True)
class Address:
    """An address on file; ``counts`` is whether it is in use, and was there long enough to be trusted."""

    address: str = field(repr=False)
    counts: bool
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """What granting would do to one collection."""

    title: Text
    rows: int
    effect: str
    why: Text
    until: date | None
    key: str = ""  # of the collection
    activity: str = ""  # slug of the activity it serves

    @property
    def stays(self) -> bool:
        """Whether these rows are not part of what the person gets or asked for."""
        return self.effect in {"keep", "left_out"}


@dataclass(frozen=True, slots=True)
class Correctable:
    """One row's value that may be corrected; or one row of others' opinion that a statement may be added to.

    Attributes:
        key: the field, or ``supplement:`` and the collection.
        title: what it is called.
        value: what the row says; for a statement a short description of the row.
        row: the row's primary key.
        kind: what the field takes: text, date, moment, whole, number, yes_no or other.
        length: most characters it takes, if there is a limit.
    """

    key: str
    title: Text
    value: str = field(repr=False)
    row: tuple[str | int, ...] = field(repr=False, default=())
    kind: str = "text"
    length: int | None = None

    @property
    def is_statement(self) -> bool:
        """Whether a statement is added instead of changing the value: others' opinions stay."""
        return self.key.startswith(SUPPLEMENT)


@dataclass(frozen=True, slots=True)
class Findings:
    """What locating found. Before that everything is empty and ``previewed_at`` is None.

    ``emails`` were looked for; under those in ``apart``, which are on file too, something may be somebody else's.
    """

    names: tuple[str, ...] = field(repr=False, default=())
    addresses: tuple[Address, ...] = ()
    emails: tuple[str, ...] = field(repr=False, default=())
    apart: tuple[str, ...] = field(repr=False, default=())
    searched: int = 0
    found_in: int = 0
    rows: int = 0
    failed: tuple[str, ...] = ()
    preview: tuple[Line, ...] = ()
    correctable: tuple[Correctable, ...] = ()
    claimed_elsewhere: bool = False
    mailbox_on_file: bool = False
    previewed_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every source was searched."""
        return self.previewed_at is not None and not self.failed

    @property
    def changes_something(self) -> bool:
        """Whether granting would do something to at least one row."""
        return any(line.rows and not line.stays for line in self.preview)


def load_findings(session: Session, case: Case) -> Findings:
    """Return what was found for ``case``."""
    said = findings_of(session, case)
    if not said:
        return Findings()
    return Findings(
        names=tuple(said.get("names", ())),
        addresses=tuple(_address(each) for each in said.get("addresses", ())),
        emails=tuple(said.get("emails", ())),
        apart=tuple(said.get("apart", ())),
        searched=int(said.get("searched", 0)),
        found_in=sum(1 for each in said.get("counts", ()) if each.get("rows")),
        rows=int(said.get("rows", 0)),
        failed=tuple(said.get("failed", ())),
        preview=tuple(_line(each) for each in said.get("preview", ())),
        correctable=tuple(one for each in said.get("rectifiable", ()) for one in _correctable(each)),
        claimed_elsewhere=bool(said.get("claimed_elsewhere")),
        mailbox_on_file=bool(said.get("mailbox_on_file")),
        previewed_at=_moment(said.get("previewed_at")),
    )


def in_language(text: Text, language: str) -> str:
    """Return ``text`` in ``language``; a text without languages as it is."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


def why_in_language(text: Text, language: str) -> str:
    """Return a reason in ``language``: written in the data map in each, or one of our own sentences to translate."""
    said = in_language(text, language)
    return str(gettext(said)) if said else ""


def _address(said: Mapping[str, Any]) -> Address:
    return Address(said["address"], bool(said.get("counts", True)), bool(said.get("in_use", True)))


def _line(said: Mapping[str, Any]) -> Line:
    until = said.get("until")
    return Line(
        title=said["title"],
        rows=int(said["rows"]),
        effect=str(said["effect"]),
        why=said.get("why") or "",
        until=date.fromisoformat(until) if until else None,
        key=str(said.get("key", "")),
        activity=str(said.get("activity", "")),
    )


def _correctable(said: Mapping[str, Any]) -> list[Correctable]:
    kind, length = str(said["type"]), said["length"]
    return [
        Correctable(said["key"], said["title"], str(each["value"]), tuple(each["row"]), kind, length)
        for each in said["values"]
    ]


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
