"""What a made-up person has in the portfolio: items within items, attachments, tags, plans with periods and goals."""

from datetime import date, timedelta
from random import Random

from portal.demo.medbook.ledger import Ledger
from portal.demo.medbook.people import Person
from portal.demo.medbook.pictures import photo_of, scan
from portal.demo.medbook.reference import COMPETENCIES, HOSPITALS, INSTITUTIONS, TAGS
from portal.demo.medbook.schema_portfolio import (
    item_attachments,
    period_goals,
    plan_periods,
    portfolio_item_tags,
    portfolio_items,
    training_plans,
)
from portal.demo.medbook.texts import SIGNED, prose

LONG = 130  # sentences: more than 10 kB


def tell_portfolio(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note portfolio items with what hangs on them."""
    for number in range((0, 1, 3, 5)[person.wealth]):
        item = _item(ledger, chance, person, number)
        if person.wealth > 1 and number == 0:
            part = _part(ledger, chance, person, item)
            _attach(ledger, chance, _part(ledger, chance, person, part), "scan.png", "image/png", scan(person.email))
        if person.wealth > 1 and number == 1:
            _attach(ledger, chance, item, f"{person.full_name}.jpg", "image/jpeg", photo_of(person))


def _item(ledger: Ledger, chance: Random, person: Person, number: int) -> int:
    long = person.wealth == 3 and number == 0
    signed = SIGNED[person.language].format(
        name=person.full_name, email=person.email, phone=person.phone, licence=person.licence_number
    )
    created = ledger.ago(chance, 30, 365 * person.years)
    item = ledger.add(
        portfolio_items,
        account_id=person.account_id,
        kind=chance.choice(("reflection", "procedure", "course", "publication")),
        title=f"Casus {number + 1} — {person.given_name} 🩺",
        body=f"{prose(chance, person.language, LONG if long else 4)}\n\n{signed}" if number < 3 else None,
        happened_on=created.date() - timedelta(days=3),
        created_at=created,
        updated_at=chance.choice((None, created + timedelta(days=2))),
    )
    for tag in chance.sample(range(1, len(TAGS) + 1), min(person.wealth, 3)):
        ledger.add(portfolio_item_tags, item_id=item, tag_id=tag, added_at=chance.choice((None, created)))
    return item


def _part(ledger: Ledger, chance: Random, person: Person, parent: int) -> int:
    return ledger.add(
        portfolio_items,
        parent_id=parent,
        kind="part",
        title=f"Import — {person.full_name}",
        body=prose(chance, person.language, 2),
        created_at=ledger.ago(chance, 10, 29),
    )


def _attach(ledger: Ledger, chance: Random, item: int, filename: str, media_type: str, content: bytes) -> None:
    ledger.add(
        item_attachments,
        item_id=item,
        filename=filename,
        media_type=media_type,
        content=content,
        added_at=ledger.ago(chance, 1, 300),
    )


def tell_plan(ledger: Ledger, chance: Random, person: Person, supervisor: Person) -> None:
    """Note a training plan led by ``supervisor``, with its periods and their goals."""
    names = f"{person.full_name} — {supervisor.full_name}"
    start = ledger.now.year - min(person.years, 4)
    plan = ledger.add(
        training_plans,
        account_id=person.account_id,
        supervisor_id=supervisor.account_id,
        institution_id=chance.randint(1, len(INSTITUTIONS)),
        title=f"Opleidingsplan {person.full_name}",
        starts_on=date(start, 10, 1),
        ends_on=chance.choice((None, date(start + 5, 9, 30))),
        remarks=f"{names}: {prose(chance, person.language, 2)}",
    )
    for year in range(person.wealth):
        period = ledger.add(
            plan_periods,
            plan_id=plan,
            hospital_id=chance.randint(1, len(HOSPITALS)),
            starts_on=date(start + year, 10, 1),
            ends_on=date(start + year + 1, 9, 30),
            remarks=chance.choice((None, f"{supervisor.full_name} → {person.full_name}: ok 👍")),
        )
        for competency in chance.sample(range(1, len(COMPETENCIES) + 1), person.wealth):
            ledger.add(
                period_goals,
                period_id=period,
                competency_id=competency,
                target_level=chance.randint(1, 5),
                reached_on=chance.choice((None, date(start + year + 1, 3, 1))),
                remark=chance.choice((None, f"{supervisor.full_name}: {person.full_name}, {year + 1}/{person.wealth}")),
            )
