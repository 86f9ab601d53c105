"""What is counted of a collection while its rows pass by; holds no row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal.sources.model import Collection, Value
from portal.sources.values import latest_day


@dataclass(slots=True)
class Tally:
    """What was seen of one collection while its rows passed by; holds no row.

    Args:
        rows: rows handed over.
        latest_end: the last day any of them is kept, by the collection's own rule.
        without_end: rows whose end cannot be told yet.
        held_until: the last day a law keeps any of them.
        recipients: recipients named in the rows, with the activity they were told for.
    """

    rows: int = 0
    latest_end: date | None = None
    without_end: int = 0
    held_until: date | None = None
    recipients: dict[tuple[str, str], None] = field(default_factory=dict)

    def take(self, collection: Collection, columns: Mapping[str, Sequence[Value]], rows: int) -> None:
        """Note what ``rows`` rows tell, given by ``columns``."""
        self.rows += rows
        if collection.retention:
            start, dateless = latest_day(columns[collection.retention.start])
            self.latest_end = _later(self.latest_end, collection.retention.duration.after(start) if start else None)
            self.without_end += dateless
        if collection.hold:
            start, _ = latest_day(columns[collection.hold.start])
            self.held_until = _later(self.held_until, collection.hold.duration.after(start) if start else None)
        if collection.recipients:
            names = columns[collection.recipients.name]
            activities = columns[collection.recipients.activity] if collection.recipients.activity else [""] * rows
            for name, activity in zip(names, activities, strict=True):
                if name:
                    self.recipients[(str(name), str(activity or ""))] = None


def _later(one: date | None, other: date | None) -> date | None:
    return max(filter(None, (one, other)), default=None)
