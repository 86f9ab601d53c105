"""Choosing what is corrected: the row each item concerns, and a new value that fits it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from portal.review.findings import Correctable
from portal.words import N_

YES_OR_NO = frozenset({"1", "true", "yes", "ja", "oui", "0", "false", "no", "nee", "nein", "non"})
TOO_LONG = N_("This is too long: write at most %(length)s characters.")


@dataclass(frozen=True, slots=True)
class Correction:
    """One item of the person, and the row's value it concerns."""

    item: int
    what: Correctable
    new: str = field(repr=False)

    @property
    def kept(self) -> dict[str, object]:
        """What the decision keeps of it, for carrying out exactly this."""
        what = self.what
        return {"item": self.item, "field": what.key, "old": what.value, "new": self.new, "key": list(what.row)}


def chosen(place: str, places: Sequence[Correctable]) -> Correctable | None:
    """Return what was chosen in a form, by its number among ``places``; None for "not corrected"."""
    return places[int(place)] if place.isascii() and place.isdigit() and int(place) < len(places) else None


def misfit(what: Correctable, new: str) -> tuple[str, Mapping[str, int]] | None:
    """Return why ``new`` cannot stand there, as a source string and its values; None where it can."""
    if what.length is not None and len(new) > what.length:
        return TOO_LONG, {"length": what.length}
    reads, sentence = READERS.get(what.kind, (lambda _text: True, ""))
    try:
        fits = reads(new)
    except (ValueError, ArithmeticError):
        fits = False
    return None if fits else (sentence, {})


def _is_number(text: str) -> bool:
    return Decimal(text).is_finite()


def _is_whole(text: str) -> bool:
    return str(int(text)) != ""


def _is_moment(text: str) -> bool:
    return datetime.fromisoformat(text).year > 0


def _is_date(text: str) -> bool:
    return date.fromisoformat(text).year > 0


READERS: dict[str, tuple[Callable[[str], bool], str]] = {
    "yes_no": (lambda text: text.lower() in YES_OR_NO, N_("Write yes or no.")),
    "whole": (_is_whole, N_("Write a whole number, such as 12.")),
    "number": (_is_number, N_("Write a number, such as 12.5.")),
    "moment": (_is_moment, N_("Write a date and a time as 2026-03-12 14:30.")),
    "date": (_is_date, N_("Write a date as 2026-03-12.")),
}
