"""An understanding that knows a few messages by heart: the door's own tests need no model, only what it may say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.understanding import Hints, Reading

ORDER = ("access", "rectify", "erase", "restrict", "object", "port", "withdraw", "complaint", "none")


def reading(
    *best: tuple[str, float],
    route: str = "",
    several: tuple[str, ...] = (),
    hints: Hints | None = None,
    sides: tuple[tuple[str, Hints], ...] = (),
) -> Reading:
    """Return a reading whose ranking begins with ``best``; the other classes share what is left."""
    rest = [name for name in ORDER if name not in dict(best)]
    left = (1 - sum(dict(best).values())) / len(rest)
    return Reading((*best, *((name, left) for name in rest)), route, several, hints or Hints(), sides)


SURE = reading(("erase", 0.9))
TORN = reading(("access", 0.5), ("port", 0.4))
LOST = reading(("none", 0.9), route="vague")
BOTH = reading(("access", 0.5), ("erase", 0.45), several=("access", "erase"))
APART = reading(
    ("object", 0.5),
    ("access", 0.45),
    several=("object", "access"),
    hints=Hints(("marketing",)),
    sides=(("object", Hints(("marketing",))), ("access", Hints(everything=True))),
)
TOLD = reading(("object", 0.9), hints=Hints(("marketing",), "ada.known@example.org"))
CLOSING = reading(("erase", 0.9), hints=Hints(("account",)))
ROUTED = {route: reading(("none", 0.9), route=route) for route in ("login", "helpdesk", "others", "other")} | {
    "complaint": reading(("complaint", 0.9), route="complaint")
}
TABLE: Mapping[str, Reading] = {
    "sure": SURE,
    "torn": TORN,
    "lost": LOST,
    "both": BOTH,
    "apart": APART,
    "told": TOLD,
    "closing": CLOSING,
    **ROUTED,
}


@dataclass
class ByHeart:
    """Reads the first word of a message from a table; an unknown one is vague. ``asked`` holds what it was given."""

    table: Mapping[str, Reading] = field(default_factory=lambda: TABLE)
    awake: bool = True
    asked: list[str] = field(default_factory=list)

    def ready(self) -> bool:
        """Whether it may be asked."""
        return self.awake

    def read(self, text: str, language: str) -> Reading | None:
        """Return what the table says of the first word."""
        self.asked.append(text)
        return self.table.get(text.split(" ")[0], LOST) if self.awake else None
