"""The door for free text: a text in, a ranking of rights out. Knows no case. Behind it, for now, buttons only."""

from typing import Protocol


class Understanding(Protocol):
    """Ranks what a person may mean; the guess is always confirmed by that person, never acted on."""

    def rank(self, text: str, language: str) -> list[tuple[str, float]]:
        """Return slugs of rights with a score from 0 to 1, best first; empty when nothing fits."""


class _Absent:
    def rank(self, text: str, language: str) -> list[tuple[str, float]]:
        return []


def absent() -> Understanding:
    """Return an understanding that never guesses, so that people choose by button."""
    return _Absent()
