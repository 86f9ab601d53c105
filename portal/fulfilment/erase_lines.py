"""What erasing one collection means, counted and in words, as the desk and the person read it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from portal.fulfilment.plans import Effect, Key, Line
from portal.fulfilment.references import Fates
from portal.sources.model import Collection, Hold, Texts
from portal.words import N_

WHY_RULE = N_("These rows stay: they are not about you alone, or a duty keeps them.")
WHY_REFUSED = N_("We refused to delete these rows. Our answer says why.")
WHY_SHARED = N_("These rows stay: others use them too.")
WHY_EMPTIED = N_("Other rows need these, so they stay without their content.")
WHY_UNSURE = N_("We cannot see whether other rows need these. They stay without their content.")
WHY_MENTION = N_("These rows belong to others; only what names you is taken out.")
WHY_MASKED = N_("The rows stay without what tells who you are.")
WHY_CUT = N_("The rows stay; what they pointed at is gone.")
WHY_PAUSED = N_("You asked us to pause the use of these rows. They stay until the pause ends.")
WHY_ORDER = N_("An order of a court or an authority keeps these rows for now.")


@dataclass(slots=True)
class Tally:
    """What was decided for one collection."""

    held: Counter[date | None] = field(default_factory=Counter)
    refused: int = 0
    ordered: int = 0
    paused: int = 0
    kept: set[Key] = field(default_factory=set)
    masked: set[Key] = field(default_factory=set)
    mentions: set[Key] = field(default_factory=set)


def lines_of(collection: Collection, fates: Fates, tally: Tally, ordered_until: date | None) -> Iterator[Line]:
    """Yield the lines of the preview for ``collection``.

    Args:
        collection: the collection.
        fates: what is to happen to the rows of its source.
        tally: what was decided for it.
        ordered_until: the last day an order keeps rows, if one does.
    """
    name = collection.name
    cut = fates.cut[name] - tally.masked - tally.mentions
    counted: list[tuple[int, Effect, Texts | str, date | None]] = [
        (len(fates.deletes[name]), Effect.DELETE, "", None),
        (len(tally.masked), Effect.DEIDENTIFY, WHY_MASKED, None),
        (len(fates.emptied[name]), Effect.DEIDENTIFY, WHY_EMPTIED, None),
        (len(fates.unsure[name]), Effect.DEIDENTIFY, WHY_UNSURE, None),
        (len(tally.mentions), Effect.DEIDENTIFY, WHY_MENTION, None),
        (len(cut), Effect.DEIDENTIFY, WHY_CUT, None),
        (len(fates.shared[name]), Effect.KEEP, WHY_SHARED, None),
        (tally.refused, Effect.KEEP, WHY_REFUSED, None),
        (len(tally.kept), Effect.KEEP, collection.reason or WHY_RULE, None),
        (tally.ordered, Effect.KEEP, WHY_ORDER, ordered_until),
        (tally.paused, Effect.KEEP, WHY_PAUSED, None),
    ]
    known = [until for until in tally.held if until is not None]
    law = _law(collection.hold)
    counted.append((sum(tally.held[until] for until in known), Effect.KEEP, law, max(known, default=None)))
    counted.append((tally.held[None], Effect.KEEP, law, None))
    for found, effect, why, until in counted:
        if found:
            yield Line(collection.key, collection.title, found, effect, why, until)


def ground_of(hold: Hold | None) -> str:
    """Return law and article of ``hold`` in English."""
    law = _law(hold)
    return law if isinstance(law, str) else law.get("en") or next(iter(law.values()))


def _law(hold: Hold | None) -> Texts | str:
    if hold is None:
        return ""
    return {language: f"{law} ({hold.article})" for language, law in hold.law.items()} or hold.article
