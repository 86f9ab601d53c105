"""Requests for somebody else (product.md, mail intake): who asks shows a mandate, and a second person sees it too."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SELF, OTHER = "self", "other"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose data is asked for: of who asks, or of somebody else; and the address that the controller knows of them."""

    acting: str
    known_email: str = field(repr=False, default="")

    def within(self, contact: Mapping[str, str]) -> dict[str, str]:
        """Return ``contact`` saying this."""
        rest = {key: value for key, value in contact.items() if key != "known_email"}
        return {**rest, "acting": self.acting} | ({"known_email": self.known_email} if self.known_email else {})


def whose_of(contact: Mapping[str, str]) -> Whose:
    """Return whose data ``contact`` says is asked for."""
    return Whose(contact.get("acting", SELF), contact.get("known_email", ""))


def is_for_other(contact: Mapping[str, str]) -> bool:
    """Whether who asks does so for somebody else: by a mandate, as parent or as guardian."""
    return contact.get("acting", SELF) == OTHER
