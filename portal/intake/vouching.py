"""What the controller's app said of the person, and for how long it counts. Pure: knows no web and no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.intake.contact import SELF
from portal.words import N_

OTHER_ADDRESS = N_("This is not the address of your account. Your sign-in no longer proves who you are.")
OTHER_PERSON = N_("You are asking for someone else. Your sign-in no longer proves who you are.")
OTHER_VISIT = N_("You came back another way. Your sign-in no longer proves who you are.")


@dataclass(frozen=True, slots=True)
class Vouch:
    """The word of the controller's app that the person signed in there.

    Args:
        email: the address it handed over; our answer may only go there.
        account: the number of the account.
        at: when it handed the person over.
    """

    email: str = field(repr=False)
    account: str = field(repr=False)
    at: datetime

    def fault(self, contact: Mapping[str, str]) -> str:
        """Return why the word does not count for ``contact``, an English source string; empty where it counts."""
        if contact.get("email", "").casefold() != self.email.casefold():
            return OTHER_ADDRESS
        return "" if contact.get("acting", SELF) == SELF else OTHER_PERSON


def masked(address: str) -> str:
    """Return ``address`` so that its owner knows it and others cannot use it: a…@example.com."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def vouch_of(contact: Mapping[str, str]) -> Vouch | None:
    """Return the word that the contact of a sent request holds, if it holds one."""
    if "account" not in contact:
        return None
    return Vouch(contact["email"], contact["account"], datetime.fromisoformat(contact["handed_over_at"]))


def pack_vouch(vouch: Vouch | None) -> dict[str, str] | None:
    """Return ``vouch`` as it is kept."""
    return {"email": vouch.email, "account": vouch.account, "at": vouch.at.isoformat()} if vouch else None


def unpack_vouch(said: Mapping[str, Any] | None) -> Vouch | None:
    """Return what ``pack_vouch`` made."""
    return Vouch(said["email"], said["account"], datetime.fromisoformat(said["at"])) if said else None
