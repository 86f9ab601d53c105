"""What a made-up person signed, paid, allowed and took part in; to whom data was given; how the service was used."""

from datetime import date, timedelta
from random import Random

from portal.demo.medbook.ledger import Ledger
from portal.demo.medbook.people import Person
from portal.demo.medbook.reference import COMMITTEES, COMPANIES, PARTNERS
from portal.demo.medbook.schema_business import (
    committee_decisions,
    company_contacts,
    company_contracts,
    consents,
    contracts,
    disclosures,
    invoice_lines,
    invoices,
    newsletter_subscriptions,
    recognition_files,
    research_shares,
    usage_events,
)
from portal.demo.medbook.texts import prose, third

EVENTS = ("open portfolio", "search", "export pdf", "read article")


def tell_contract(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note a contract and its yearly invoices, some of them older than the tax term."""
    signed = ledger.now.date() - timedelta(days=365 * person.years - 20)
    ledger.add(
        contracts,
        account_id=person.account_id,
        signatory_name=person.full_name,
        subject="Medbook portfolio",
        billing_address=f"Voorbeeldstraat {person.account_id}, 3000 Leuven",
        vat_number=chance.choice((None, f"BE0999{person.account_id:06d}")),
        signed_on=signed,
        ended_on=chance.choice((None, None, ledger.now.date() - timedelta(days=30))),
    )
    for year in range(0, person.years, 1 if person.wealth == 3 else 4):
        issued = min(date(signed.year + year, 12, 3), ledger.now.date())
        _invoice(ledger, chance, person, issued, account_id=person.account_id)


def _invoice(
    ledger: Ledger,
    chance: Random,
    person: Person,
    issued: date,
    account_id: int | None = None,
    contact_id: int | None = None,
) -> None:
    number = len(ledger.rows[invoices]) + 1
    year_end = date(issued.year, 12, 31)
    amounts = [chance.randint(900, 9_900) for _ in range(chance.randint(1, 3))]
    invoice = ledger.add(
        invoices,
        account_id=account_id,
        contact_id=contact_id,
        number=f"{issued.year}-{number:05d}",
        billing_name=person.full_name,
        billing_email=person.email,
        billing_address=chance.choice((None, f"Voorbeeldstraat {person.account_id}, 3000 Leuven")),
        amount_cents=sum(amounts),
        issued_on=issued,
        fiscal_year_end=year_end,
        paid_on=chance.choice((None, issued + timedelta(days=12))),
    )
    for line, amount in enumerate(amounts, 1):
        ledger.add(
            invoice_lines,
            invoice_id=invoice,
            line_no=line,
            description=f"Abonnement {issued.year}, {person.full_name}",
            amount_cents=amount,
            fiscal_year_end=year_end,
        )


def tell_contacts(ledger: Ledger, chance: Random, people: list[Person]) -> None:
    """Note ``people`` who act for a company, with that company's contracts and invoices."""
    for person in people:
        company = len(ledger.rows[company_contacts]) % len(COMPANIES) + 1
        found = ledger.add(
            company_contacts,
            company_id=company,
            full_name=person.full_name,
            email=person.email,
            phone=person.phone,
            job_title="accountmanager",
            notes=f"{person.full_name}; {third(chance, person.language)}",
            since=date(ledger.now.year - person.years, 2, 1),
        )
        ledger.add(
            company_contracts,
            company_id=company,
            contact_id=found,
            signatory_name=person.full_name,
            subject="Hosting",
            signed_on=date(ledger.now.year - person.years, 2, 14),
        )
        for years in (1, 2, 12):
            _invoice(ledger, chance, person, date(ledger.now.year - years, 5, 2), contact_id=found)


def tell_choices(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note consent to research with what was shared, and newsletters."""
    granted = ledger.ago(chance, 300, 365 * person.years)
    stopped = None if person.shown or chance.random() < 0.8 else granted + timedelta(days=90)
    ledger.add(
        consents,
        account_id=person.account_id,
        purpose="research",
        wording_version="2021-05",
        granted=stopped is None,
        granted_at=granted,
        withdrawn_at=stopped,
    )
    for number in range(1, person.wealth):
        ledger.add(
            research_shares,
            account_id=person.account_id,
            project=("night-shifts", "feedback")[number - 1],
            partner=PARTNERS[number - 1],
            pseudonym=f"P-{chance.getrandbits(40):010x}",
            shared_at=granted + timedelta(days=30 * number),
            stopped_at=stopped,
        )
    objected = None if person.shown or chance.random() < 0.9 else ledger.ago(chance, 10, 90)
    for name in ("updates", "congress")[: person.wealth]:
        ledger.add(
            newsletter_subscriptions,
            account_id=chance.choice((None, person.account_id)),
            email=person.email if chance.random() < 0.9 else person.email.capitalize(),
            list_name=name,
            active=objected is None,
            subscribed_at=granted,
            objected_at=objected,
        )


def tell_readers(ledger: Ledger, chance: Random, readers: int) -> None:
    """Note newsletter readers of whom Medbook knows nothing but an address."""
    for number in range(readers):
        ledger.add(
            newsletter_subscriptions,
            email=f"lezer{number:02d}@example.org",
            list_name="updates",
            active=True,
            subscribed_at=ledger.ago(chance, 30, 900),
        )


def tell_recognition(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note a file for the recognition committee with its decision, and who was given data."""
    submitted = ledger.ago(chance, 60, 365 * person.years)
    committee = chance.choice(COMMITTEES)
    file = ledger.add(
        recognition_files,
        account_id=person.account_id,
        committee=committee,
        title_sought="Arts-specialist in de cardiologie",
        summary=f"{person.full_name} ({person.licence_number}). {prose(chance, person.language, 2)}",
        submitted_on=chance.choice((None, submitted.date())),
    )
    rapporteur = third(chance, person.language)
    ledger.add(
        committee_decisions,
        file_id=file,
        outcome=chance.choice(("recognised", "postponed")),
        motivation=f"{rapporteur}: {person.full_name}, {person.licence_number}, {person.phone}.",
        rapporteur=rapporteur,
        decided_on=submitted.date() + timedelta(days=20),
    )
    for activity, recipient in (
        ("committee", committee),
        ("research", PARTNERS[0]),
        ("administration", "FOD Financiën"),
    ):
        ledger.add(
            disclosures,
            account_id=person.account_id,
            activity=activity,
            recipient=recipient,
            recipient_email=chance.choice((None, "ontvanger@example.org")),
            what=chance.choice((None, f"{person.full_name} <{person.email}>")),
            disclosed_at=submitted + timedelta(days=1),
        )


def tell_use(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note how the person used the service; some payloads hold their name."""
    for number in range((0, 3, 12, 25)[person.wealth]):
        ledger.add(
            usage_events,
            account_id=person.account_id,
            at=ledger.ago(chance, 0, 365 * person.years),
            event=chance.choice(EVENTS),
            session_key=f"{chance.getrandbits(64):016x}",
            payload={"q": person.full_name, "hits": number} if number % 4 == 0 else None,
        )
