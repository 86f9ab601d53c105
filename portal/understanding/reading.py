"""What is handed over: a reading of one message, and who makes it."""

from dataclasses import dataclass
from typing import Protocol

from portal.understanding.hints import Hints


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message may mean.

    ``ranking`` has the nine classes with their scores, best first, adding up to 1. ``route`` says why the best class
    is no right: one of ``ROUTES`` or ``complaint``; it is ``""`` where a right comes first. ``several`` has two or
    three rights asked at once, in order of mention, else nothing. ``hints`` are of the whole message; ``sides`` has
    for each of several rights those of its own part of the message.
    """

    ranking: tuple[tuple[str, float], ...]
    route: str
    several: tuple[str, ...]
    hints: Hints
    sides: tuple[tuple[str, Hints], ...] = ()


class Understanding(Protocol):
    """Reads what people type."""

    def ready(self) -> bool:
        """Return whether messages can be read now: not while the encoder loads, nor when it is absent."""

    def read(self, text: str, language: str) -> Reading | None:
        """Return what ``text`` may mean, or None while not ready. ``language`` is the one of the page, or ``""``."""
