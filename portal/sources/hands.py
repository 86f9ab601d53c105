"""Where somebody looks by hand. Pure: knows neither files nor databases."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manual:
    """Where somebody looks by hand.

    Args:
        key: the source's key.
        title: its name, by language; the person reads it.
        file: the manifest.
        role: of the staff whose task it is.
        colleague: sign-in address of the one whose task it is; empty is anybody with the role.
        look_for: what to look for, by language; staff read it.
        days_before: how many days before the deadline of the request an answer is due.
        activities: slugs of the register; a request that covers none of them makes no task.
    """

    key: str
    title: Mapping[str, str]
    file: str
    role: str
    colleague: str
    look_for: Mapping[str, str]
    days_before: int
    activities: tuple[str, ...]
