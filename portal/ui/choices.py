"""Rows to choose from, as ``components/choices.html`` shows them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One row to choose; with a ``reason`` it is shown, and cannot be chosen."""

    value: str
    label: str
    hint: str = ""
    reason: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """Value and label, for a list to choose from."""
        return self.value, self.label
