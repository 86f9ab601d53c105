"""The made-up staff of the demo and their sign-ins. Printed by ``flask demo``; never used anywhere else."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.accounts.staff import add_staff, find


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One made-up member of staff."""

    name: str
    login: str
    password: str
    role: Role
    language: str


STAFF = (
    DemoSignIn("Els Vermeulen", "els@medbook.example", "demo-els-wachtrij-1", Role.REVIEWER, "nl"),
    DemoSignIn("Tom Lambert", "tom@medbook.example", "demo-tom-dossier-2", Role.REVIEWER, "fr"),
    DemoSignIn("Petra Maes", "petra@medbook.example", "demo-petra-besluit-3", Role.MANAGER, "nl"),
)


def add_demo_staff(session: Session) -> list[Staff]:
    """Add the made-up staff that are not there yet; the caller commits."""
    return [
        find(session, each.login)
        or add_staff(session, each.name, each.login, each.password, each.role, each.language)[0]
        for each in STAFF
    ]
