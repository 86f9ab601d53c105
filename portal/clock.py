"""The only place that asks what time it is. Everything else is told."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Return ``moment`` (aware) on the clock of Brussels, where the controller is."""
    return moment.astimezone(BRUSSELS)


def today() -> date:
    """Return today's date in Brussels: the date a request is signed and received (clause 7.9)."""
    return local(now()).date()
