"""What a case is known by: the reference for people, and the keyed hashes by which staff find a name or an account."""

import secrets
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.codes import mailbox_hash
from portal.cases.models import Case
from portal.files.keys import keyed_hash

REFERENCE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike


def new_reference(session: Session) -> str:
    """Return a reference for people, like MB-7K4Q-29, that no other case has. It opens nothing."""
    while True:
        letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(4))
        reference = f"MB-{letters}-{secrets.randbelow(100):02d}"
        if session.scalar(select(Case.id).where(Case.reference == reference)) is None:
            return reference


def reference_in(typed: str) -> str:
    """Return what somebody ``typed`` as a reference is written like: ``mb 7k4q29`` and ``7K4Q-29`` are MB-7K4Q-29."""
    letters = "".join(each for each in typed.upper() if each.isalnum())
    letters = letters[2:] if letters.startswith("MB") and len(letters) == 8 else letters
    return f"MB-{letters[:4]}-{letters[4:]}" if len(letters) == 6 else typed.upper()


def name_hash(session: Session, name: str) -> str:
    """Return the keyed hash by which staff find a name; case and spacing do not count."""
    return keyed_hash(session, "name", " ".join(name.casefold().split()))


def mailbox_of(session: Session, contact: Mapping[str, str]) -> str:
    """Return the keyed hash by which requests are known as one person's: of their mailbox, or without one of their name
    and postal address. Nobody can prove the latter with a code, so it opens no page.
    """
    if contact.get("email"):
        return mailbox_hash(session, contact["email"])
    return keyed_hash(session, "postal", " ".join(f"{contact['name']} {contact['address']}".casefold().split()))


def account_hash(session: Session, account: str) -> str | None:
    """Return the keyed hash by which requests from one account are known as one person's; None without an account."""
    return keyed_hash(session, "account", account) if account else None
