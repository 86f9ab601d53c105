"""How long who is signed in may go on: until when without another page, and until when in any case."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session

from portal.clock import now

WARN = timedelta(minutes=2)
WARN_WITHOUT_SCRIPT = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Lasting:
    """When the session ends.

    Attributes:
        idle_ends_at: without another page.
        ends_at: in any case, eight hours after signing in.
        seconds: left until the nearer of the two.
        warn_seconds: before the end, when the page warns.
        final: whether staying does not help any more: the eight hours come first.
        near: whether the eight hours are over so soon that every page says so.
    """

    idle_ends_at: datetime
    ends_at: datetime
    seconds: int
    warn_seconds: int
    final: bool
    near: bool


def lasting() -> Lasting | None:
    """Return when the session of who is signed in ends; None where it was begun by this very request."""
    idle, ends = getattr(session, "idle_ends_at", None), getattr(session, "ends_at", None)
    if idle is None or ends is None:
        return None
    return Lasting(
        idle_ends_at=idle,
        ends_at=ends,
        seconds=max(int((min(idle, ends) - now()).total_seconds()), 0),
        warn_seconds=int(WARN.total_seconds()),
        final=ends <= idle,
        near=ends - now() <= WARN_WITHOUT_SCRIPT,
    )


def seconds_left() -> int:
    """Return how many seconds the session lasts without another page."""
    found = lasting()
    return found.seconds if found else 0
