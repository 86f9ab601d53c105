"""Builds the two made-up databases: who is in them, and in which order their history is told."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import func, select

from portal.db import make_engine
from portal.demo.medbook.history_account import tell_account, tell_flags
from portal.demo.medbook.history_between import tell_assessment, tell_message, tell_supervision
from portal.demo.medbook.history_business import (
    tell_choices,
    tell_contacts,
    tell_contract,
    tell_readers,
    tell_recognition,
    tell_use,
)
from portal.demo.medbook.history_portfolio import tell_plan, tell_portfolio
from portal.demo.medbook.history_support import tell_devices, tell_logs, tell_talk, tell_ticket
from portal.demo.medbook.ledger import Ledger
from portal.demo.medbook.people import SHOWN, Person, contact, make_people, neighbours
from portal.demo.medbook.reference import tell_reference
from portal.demo.medbook.schema import create_medbook, create_support
from portal.demo.medbook.schema_base import MEDBOOK, SUPPORT
from portal.demo.medbook.schema_people import accounts
from portal.demo.medbook.schema_support import tickets


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Everybody in the demo.

    Args:
        people: everybody with an account, by account number.
        shown: one person per right (by the right's slug), each with something in every table.
        contact: who acts for a company and has no account.
        neighbours: pairs of people with the same full name.
    """

    people: tuple[Person, ...]
    shown: dict[str, Person]
    contact: Person
    neighbours: tuple[tuple[Person, Person], ...]

    @property
    def ada(self) -> Person:
        """The person whose request the README walks through."""
        return self.shown["access"]


SHOWCASE = (*make_people(len(SHOWN), 1), contact())
"""Whom the demo's pages offer to play: one per right, in the order of ``SHOWN``, then a company's contact."""


def demo_people(people: int = 500, seed: int = 1) -> DemoWorld:
    """Return everybody of a demo with ``people`` accounts, without a database."""
    made = make_people(people, seed)
    return DemoWorld(tuple(made), dict(zip(SHOWN, made, strict=False)), contact(), tuple(neighbours(made)))


def build(medbook_url: str, support_url: str, now: datetime, people: int = 500, seed: int = 1) -> DemoWorld:
    """Create and fill both databases; one that already holds rows is left as it is.

    Args:
        medbook_url: SQLAlchemy URL of the main database (SQLite or PostgreSQL).
        support_url: SQLAlchemy URL of the helpdesk's database.
        now: aware moment at which every history ends.
        people: how many accounts; at least 8.
        seed: the same seed makes the same people and history.
    """
    world = demo_people(people, seed)
    medbook, support = make_engine(medbook_url), make_engine(support_url)
    create_medbook(medbook)
    create_support(support)
    ledger: Ledger | None = None
    for engine, catalogue, witness in ((medbook, MEDBOOK, accounts), (support, SUPPORT, tickets)):
        with engine.begin() as connection:
            if not connection.scalar(select(func.count()).select_from(witness)):
                ledger = ledger or tell(world, now, seed)
                ledger.write(connection, catalogue)
        engine.dispose()
    return world


def tell(world: DemoWorld, now: datetime, seed: int) -> Ledger:
    """Return every row of both databases, not yet written."""
    ledger = Ledger(now)
    tell_reference(ledger)
    for person in world.people:
        _tell_one(ledger, Random(f"{seed} alone {person.account_id}"), person)
    for person in world.people:
        _tell_together(ledger, Random(f"{seed} together {person.account_id}"), person, world.people)
    for person in world.shown.values():
        _tell_the_rest(ledger, Random(f"{seed} shown {person.account_id}"), person, world.people)
    chance = Random(f"{seed} contacts")
    tell_contacts(ledger, chance, [world.contact])
    tell_readers(ledger, chance, 12)
    tell_ticket(ledger, chance, world.contact)
    tell_talk(ledger, chance, world.contact)
    return ledger


def _tell_one(ledger: Ledger, chance: Random, person: Person) -> None:
    tell_account(ledger, chance, person)
    if not person.wealth:
        return
    tell_portfolio(ledger, chance, person)
    tell_choices(ledger, chance, person)
    tell_use(ledger, chance, person)
    tell_devices(ledger, chance, person)
    tell_logs(ledger, chance, person)
    tell_flags(ledger, chance, person)
    if person.wealth > 1:
        tell_contract(ledger, chance, person)
        tell_ticket(ledger, chance, person)
        tell_talk(ledger, chance, person)
    if person.wealth == 3 or chance.random() < 0.3:
        tell_recognition(ledger, chance, person)


def _tell_together(ledger: Ledger, chance: Random, person: Person, people: tuple[Person, ...]) -> None:
    if person.wealth < 2:
        return
    colleagues = [one for one in chance.sample(people, 8) if one.wealth and one != person]
    mentor, *others = colleagues
    tell_supervision(ledger, chance, person, mentor)
    tell_message(ledger, chance, person, others[:3])
    for author in colleagues[: person.wealth]:
        tell_assessment(ledger, chance, person, author, stated=chance.random() < 0.2)
    if person.wealth == 3 or person.role == "trainee":
        tell_plan(ledger, chance, person, mentor)
    if chance.random() < 0.3:
        tell_ticket(ledger, chance, person, about=mentor)


def _tell_the_rest(ledger: Ledger, chance: Random, person: Person, people: tuple[Person, ...]) -> None:
    """Make sure a shown person stands at both ends of everything that ties people together."""
    other = chance.choice([one for one in people if one.wealth == 3 and not one.shown])
    tell_supervision(ledger, chance, other, person)
    tell_assessment(ledger, chance, other, person, stated=True)
    tell_assessment(ledger, chance, person, other, stated=True)
    tell_message(ledger, chance, other, [person])
    tell_plan(ledger, chance, other, person)
    tell_ticket(ledger, chance, other, about=person)
    tell_ticket(ledger, chance, person)
