"""What a decision says beyond its words, as its content keeps it: parts refused, evidence, a balance, who else decides.

Values only; opened content in, dataclasses out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.cases.grounds import GROUNDS, Ground

LIGHTEST, HEAVIEST = 1, 3
"""What a side of a balance may weigh."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what was asked, in the language of the letter; ``rows`` is None where rows do not say it."""

    title: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class EarlierRequest:
    """An earlier request of the same person that the decision rests on (12(5), clause 7.10)."""

    reference: str
    received_on: date
    answered_on: date


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance of Art. 21(1): what we put forward, the situation of the person, and what each weighs, 1 to 3."""

    ours: str = field(repr=False)
    our_weight: int
    theirs: str = field(repr=False)
    their_weight: int
    milder: str = field(repr=False)  # why no milder way serves us as well

    @property
    def is_ours(self) -> bool:
        """Whether ours weighs more. It starts on the side of the person, and an even balance stays there."""
        return bool(self.ours and self.milder) and self.our_weight > self.their_weight


@dataclass(frozen=True, slots=True)
class Other:
    """Another controller of these data (clause 2.3), from the register."""

    slug: str
    name: str
    contact: str
    about: str  # what it decides about, in the language of the letter


@dataclass(frozen=True, slots=True)
class Withheld:
    """How much a reviewer hid in the copy for one ground (Art. 15(4), 20(4))."""

    ground: Ground
    value: int = 0
    row: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything of a decision besides outcome, ground, facts and reason."""

    refused: tuple[Part, ...] = ()
    granted: tuple[Part, ...] = ()  # named only where the dry run does not count it part by part
    earlier: tuple[EarlierRequest, ...] = ()
    evidence: str = field(default="", repr=False)
    balance: Balance | None = None
    others: tuple[Other, ...] = ()
    withheld: tuple[Withheld, ...] = ()


NO_PARTS = Parts()


def parts_of(content: Mapping[str, Any]) -> Parts:
    """Return the parts that the opened ``content`` of a decision keeps."""
    balance = content.get("balance")
    return Parts(
        refused=_listed(content.get("refused", ())),
        granted=_listed(content.get("granted", ())),
        earlier=tuple(
            EarlierRequest(
                each["reference"], date.fromisoformat(each["received_on"]), date.fromisoformat(each["answered_on"])
            )
            for each in content.get("earlier", ())
        ),
        evidence=str(content.get("evidence", "")),
        balance=Balance(**balance) if balance else None,
        others=tuple(Other(**each) for each in content.get("others", ())),
        withheld=tuple(Withheld(**each | {"ground": GROUNDS[each["ground"]]}) for each in content.get("withheld", ())),
    )


def _listed(said: Sequence[Mapping[str, Any]]) -> tuple[Part, ...]:
    return tuple(Part(each["title"], each.get("rows")) for each in said)
