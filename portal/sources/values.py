"""How values compare and change type: one person's address in two spellings, a number kept as text, a typed date.

Pure functions over values and SQLAlchemy types; no statement is built here.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import cast
from uuid import UUID

from sqlalchemy.types import (
    BINARY,
    JSON,
    VARBINARY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    NullType,
    Numeric,
    SmallInteger,
    String,
    Time,
    TypeEngine,
    Uuid,
)

from portal.clock import local
from portal.sources.model import Value

BINARIES = (LargeBinary, BINARY, VARBINARY)
"""Types of columns that hold bytes."""

_INT64 = re.compile(r"-?[1-9][0-9]{0,17}|0")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_TRUE, _FALSE = frozenset({"1", "true", "yes", "ja", "oui"}), frozenset({"0", "false", "no", "nee", "nein", "non"})


class DoesNotFit(ValueError):
    """The value cannot stand in a column of this type; carries no value."""


def folded(text: str) -> str:
    """Return a mail address as it is compared: trimmed, A to Z small, no other letters alike."""
    return text.strip().translate(_ASCII_LOWER)


def spelled(value: Value) -> str:
    """Return ``value`` as text, so that the number 7 and the text "7" compare equal across databases."""
    if type(value) is str or type(value) is int:
        return str(value)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def fitted(value: Value, kind: TypeEngine[object], dialect: str = "") -> Value:
    """Return ``value`` as a column of type ``kind`` takes it; SQLite's columns take any value, so it is left to them.

    Raises:
        DoesNotFit: it cannot be read as such a value.
    """
    if value is None:
        return None
    if dialect == "sqlite":
        return _for_sqlite(value, kind)
    for family, convert in _CONVERSIONS:
        if isinstance(kind, family):
            try:
                return _within_range(convert(value), kind) if dialect == "postgresql" else convert(value)
            except (ValueError, TypeError, InvalidOperation, OverflowError):
                raise DoesNotFit from None
    return value


def _for_sqlite(value: Value, kind: TypeEngine[object]) -> Value:
    """Return ``value`` as SQLite keeps it: its column then compares a number and a text as it would by itself."""
    if type(value) is int:
        return value if -(1 << 63) <= value < 1 << 63 else str(value)
    if type(value) is str:
        return value
    if isinstance(value, Decimal):
        return _for_sqlite(int(value), kind) if value == value.to_integral_value() else float(value)
    if isinstance(value, UUID) and isinstance(kind, BINARIES):
        return value.bytes
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | dict):
        raise DoesNotFit
    return str(value) if isinstance(value, UUID | timedelta) else value


def in_other_words(values: Iterable[Value], kind: TypeEngine[object]) -> list[Value]:
    """Return the whole numbers among ``values`` as texts and the other way round, for a column of SQLite without type.

    In such a column alone, SQLite does not compare the one with the other by itself.
    """
    if not isinstance(kind, NullType | LargeBinary):
        return []
    texts: list[Value] = [str(value) for value in values if type(value) is int]
    return texts + [int(value) for value in values if isinstance(value, str) and _INT64.fullmatch(value)]


def _within_range(value: Value, kind: TypeEngine[object]) -> Value:
    """Return ``value`` unless it is a whole number that the column cannot hold: asking for it would be an error."""
    if isinstance(kind, Integer) and isinstance(value, int):
        bits = 15 if isinstance(kind, SmallInteger) else 63 if isinstance(kind, BigInteger) else 31
        if not -(1 << bits) <= value < 1 << bits:
            raise DoesNotFit
    return value


def _to_bool(value: Value) -> bool:
    text = spelled(value).strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise DoesNotFit


def _to_int(value: Value) -> int:
    if isinstance(value, bool):
        return int(value)
    return int(spelled(value).strip())


def _to_datetime(value: Value) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return datetime.fromisoformat(str(value).strip())


def _to_date(value: Value) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip()[:10])


def _to_text(value: Value) -> str:
    if isinstance(value, bytes) and len(value) == len(UUID(int=0).bytes):
        return str(UUID(bytes=value))
    if isinstance(value, bytes | list | dict):
        raise DoesNotFit
    return spelled(value)


def _to_bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, UUID) or (isinstance(value, str) and len(value) == len(str(UUID(int=0)))):
        return UUID(str(value)).bytes
    raise DoesNotFit


def _to_uuid(value: Value) -> UUID:
    if isinstance(value, bytes):
        return UUID(bytes=value)
    return value if isinstance(value, UUID) else UUID(str(value).strip())


_CONVERSIONS: tuple[tuple[type, Callable[[Value], Value]], ...] = (
    (Boolean, _to_bool),
    (Integer, _to_int),
    (Numeric, lambda value: Decimal(spelled(value).strip())),
    (Float, lambda value: float(spelled(value).strip())),
    (DateTime, _to_datetime),
    (Date, _to_date),
    (Time, lambda value: value if isinstance(value, time) else time.fromisoformat(str(value).strip())),
    (Uuid, _to_uuid),
    *((kind, _to_bytes) for kind in BINARIES),
    (JSON, lambda value: value),
    (String, _to_text),
)


def instant(value: Value) -> datetime | None:
    """Return the moment that ``value`` stands for (a date counts from midnight, no zone means UTC), if it is one."""
    try:
        moment = _to_datetime(value)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def day_of(value: Value) -> date | None:
    """Return the day that ``value`` stands for: a date as it is, a moment as the day it was in Brussels."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and len(value.strip()) == len("2026-01-01"):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            return None
    moment = instant(value)
    return local(moment).date() if moment else None


def latest_day(values: Sequence[Value]) -> tuple[date | None, int]:
    """Return the latest of the days that ``values`` stand for, and how many of them stand for none."""
    there = [value for value in values if value is not None]
    latest = _latest(there)
    if latest is not None:
        return day_of(latest), len(values) - len(there)
    days = [day for value in there if (day := day_of(value)) is not None]
    return max(days, default=None), len(values) - len(days)


def _latest(there: Sequence[Value]) -> date | None:
    """Return the latest of ``there`` where all of them are dates or moments of one kind; else None."""
    try:
        match set(map(type, there)):
            case kinds if kinds == {str}:
                return max(map(datetime.fromisoformat, cast("Sequence[str]", there)))
            case kinds if kinds in ({datetime}, {date}):
                return max(cast("Sequence[date]", there))
    except (TypeError, ValueError):  # not all are moments, or some without a zone
        return None
    return None
