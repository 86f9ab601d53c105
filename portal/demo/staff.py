"""The made-up staff of the demo and their sign-ins. Printed by ``flask demo``; never used anywhere else."""

from dataclasses import dataclass

import pyotp
from sqlalchemy.orm import Session

from portal.accounts.models import Role, Staff
from portal.accounts.staff import find, hash_password, new_row
from portal.audit.events import StaffAdded
from portal.audit.record import SYSTEM, record


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
    DemoSignIn("Karel Claes", "karel@medbook.example", "demo-karel-verslag-4", Role.AUDITOR, "nl"),
    DemoSignIn("Ann Wouters", "ann@medbook.example", "demo-ann-beheer-5", Role.ADMIN, "nl"),
)


def add_demo_staff(session: Session) -> list[Staff]:
    """Add the made-up staff that are not there yet; the caller commits."""
    return [find(session, each.login) or _add(session, each) for each in STAFF]


def _add(session: Session, each: DemoSignIn) -> Staff:
    hashed = hash_password(each.password)  # not checked: a made-up password may hold a made-up name
    member = new_row(session, each.name, each.login, hashed, each.role, each.language, pyotp.random_base32())
    record(session, StaffAdded(staff=member.id, roles=each.role.value), SYSTEM)
    return member
