"""What the main database knows of who a made-up person is: account, addresses, profile, career, sign-ins, changes."""

from datetime import date
from random import Random

from portal.demo.medbook.ledger import Ledger
from portal.demo.medbook.people import Person
from portal.demo.medbook.pictures import photo_of
from portal.demo.medbook.reference import HOSPITALS, INSTITUTIONS, SPECIALTIES
from portal.demo.medbook.schema_people import (
    account_emails,
    account_profiles,
    accounts,
    audit_entries,
    careers,
    login_events,
    processing_flags,
)
from portal.demo.medbook.texts import prose, third

JOBS = {
    "nl": ("arts-specialist in opleiding", "zaalarts", "staflid"),
    "fr": ("médecin assistant", "médecin de salle", "chef de clinique"),
    "de": ("Assistenzärztin/Assistenzarzt", "Stationsarzt", "Oberarzt"),
    "en": ("specialty registrar", "ward doctor", "consultant"),
}
BROWSERS = ("Mozilla/5.0 (Windows NT 10.0) Firefox/128.0", "Mozilla/5.0 (iPhone) Safari/605.1", "Medbook/5.2 (Android)")


def tell_account(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note the account row, and for who has more than that: addresses, profile, career, sign-ins and changes."""
    joined = ledger.ago(chance, person.years * 365 - 300, person.years * 365)
    full = person.wealth > 0
    ledger.add(
        accounts,
        id=person.account_id,
        email=_as_typed(person),
        email_changed_at=ledger.ago(chance, 3, 25) if person.moved else None,
        full_name=person.full_name,
        phone=person.phone,
        licence_number=person.licence_number,
        birth_date=date(chance.randint(1958, 1999), chance.randint(1, 12), chance.randint(1, 28)) if full else None,
        address=f"Voorbeeldstraat {person.account_id}, 3000 Leuven" if full else None,
        language=person.language,
        country=person.country,
        specialty_id=chance.randint(1, len(SPECIALTIES)) if full else None,
        institution_id=chance.randint(1, len(INSTITUTIONS)) if full else None,
        password_hash=f"$argon2id$made-up${chance.getrandbits(64):016x}" if full else None,
        notes=f"{person.full_name}: {third(chance, person.language)}" if person.wealth == 3 else None,
        created_at=joined,
        terms_accepted_at=joined if full else None,
        last_login_at=ledger.ago(chance, 0, 90) if full else None,
    )
    if full:
        _addresses(ledger, chance, person)
        _career(ledger, chance, person)
        _visits(ledger, chance, person)
    if person.wealth > 1:
        _profile(ledger, chance, person)
        _changes(ledger, chance, person)


def _as_typed(person: Person) -> str:
    return person.email.title() if person.account_id % 50 == 49 else person.email


def _addresses(ledger: Ledger, chance: Random, person: Person) -> None:
    if person.former_email:
        ledger.add(
            account_emails,
            account_id=person.account_id,
            email=person.former_email,
            label="work",
            added_at=ledger.ago(chance, 400, 900),
            verified_at=ledger.ago(chance, 390, 400),
            replaced_at=ledger.ago(chance, 3, 25) if person.moved else ledger.ago(chance, 60, 300),
        )
    if person.email.partition("@")[0].endswith("1"):
        typo = person.email.replace(
            "1@", "2@"
        )  # the neighbour's address, never confirmed: no trace may lead through it
        added = ledger.ago(chance, 30, 400)
        ledger.add(account_emails, account_id=person.account_id, email=typo, label="private", added_at=added)


def _career(ledger: Ledger, chance: Random, person: Person) -> None:
    year = ledger.now.year - person.years - 3
    for step in range(person.wealth):
        last = step == person.wealth - 1
        ledger.add(
            careers,
            account_id=person.account_id,
            hospital_id=chance.choice([None, *range(1, len(HOSPITALS) + 1)]),
            job_title=JOBS[person.language][step],
            department=chance.choice(("Spoed", "Cardiologie", "Chirurgie", None)),
            started_on=date(year + 2 * step, 10, 1),
            ended_on=None if last else date(year + 2 * step + 2, 9, 30),
            remark=f"{person.given_name} & {third(chance, person.language)}" if chance.random() < 0.2 else None,
        )


def _visits(ledger: Ledger, chance: Random, person: Person) -> None:
    for _ in range(2 * person.wealth):
        ledger.add(
            login_events,
            account_id=person.account_id,
            at=ledger.ago(chance, 0, 360),
            ip=person.ip,
            user_agent=chance.choice(BROWSERS),
            succeeded=chance.random() < 0.9,
        )


def _profile(ledger: Ledger, chance: Random, person: Person) -> None:
    ledger.add(
        account_profiles,
        account_id=person.account_id,
        display_name=f"dr. {person.full_name}",
        biography=prose(chance, person.language, 3),
        photo=photo_of(person),
        preferences={
            "theme": "dark" if person.account_id % 2 else None,
            "signature": {"name": person.full_name, "lines": [f"tel. {person.phone}", f"<{person.email}>"]},
            "digest": {"to": [person.email, person.former_email], "hour": 7},
        },
        updated_at=ledger.ago(chance, 1, 300),
    )


def _changes(ledger: Ledger, chance: Random, person: Person) -> None:
    ledger.add(
        audit_entries,
        account_id=person.account_id,
        actor_id=person.account_id,
        at=ledger.ago(chance, 60, 300),
        action="account.change",
        details={
            "who": {"name": person.full_name, "licence": person.licence_number},
            "before": {"email": person.former_email, "phone": None},
            "after": {"email": person.email, "phone": person.phone},
        },
    )


def tell_flags(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note earlier objections and restrictions of a few people who are not shown."""
    if person.shown or person.account_id % 97 not in (50, 51, 52):
        return
    activity, flag = {50: ("usage", "objected"), 51: ("marketing", "restricted"), 52: ("committee", "restricted")}[
        person.account_id % 97
    ]
    set_at = ledger.ago(chance, 10, 300)
    ledger.add(processing_flags, account_id=person.account_id, activity=activity, flag=flag, set_at=set_at)
