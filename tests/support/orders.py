"""Orders of a court, made up: a hold that is set, and one that is lifted."""

from dataclasses import replace
from datetime import timedelta

from portal.accounts.models import Role
from portal.cases.holds import LegalHold, Order, lift_hold, set_hold
from portal.clock import today
from portal.db import Database
from tests.support.colleagues import member_of
from tests.support.desk import actor


def order(**changes: object) -> Order:
    """Return an order about everything and everybody, save for ``changes``."""
    usual = Order("Court of Leuven, 2026/17", today(), today() + timedelta(days=900))
    return replace(usual, **changes)  # type: ignore[arg-type]


def hold(database: Database, **changes: object) -> str:
    """Have the privacy manager set it; return the id of the hold."""
    manager = member_of(database, Role.MANAGER)
    with database.writing() as session:
        return set_hold(session, order(**changes), actor(manager)).id


def lift(database: Database, hold_id: str) -> None:
    """Have the privacy manager lift it."""
    manager = member_of(database, Role.MANAGER)
    with database.writing() as session:
        lift_hold(session, session.get_one(LegalHold, hold_id), "The case is over.", actor(manager))
