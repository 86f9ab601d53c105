"""What the helpdesk's database knows: tickets, calls, mails, devices with sessions, and server logs."""

from datetime import timedelta
from random import Random

from portal.demo.medbook.ledger import Ledger
from portal.demo.medbook.names import STAFF
from portal.demo.medbook.people import Person
from portal.demo.medbook.pictures import photo_of
from portal.demo.medbook.schema_support import (
    app_sessions,
    call_notes,
    devices,
    sent_mails,
    server_logs,
    ticket_attachments,
    ticket_messages,
    tickets,
)
from portal.demo.medbook.texts import ABOUT_A_COLLEAGUE, QUESTION, REPLY

MODELS = (("iPhone 14", "iOS 18"), ("Galaxy S23", "Android 15"), ("iPad Air", "iPadOS 17"))
PAGES = ("/", "/portfolio", "/assets/app.js", "/login", "/help/search?q=wachtwoord")


def tell_ticket(ledger: Ledger, chance: Random, person: Person, about: Person | None = None) -> None:
    """Note a ticket of ``person`` with its messages; ``about`` is the colleague whom it names."""
    subject, question = ABOUT_A_COLLEAGUE[person.language] if about else QUESTION[person.language]
    words = {
        "name": person.full_name,
        "email": chance.choice((person.email, person.email.upper())),
        "phone": person.phone or "?",
        "about": about.full_name if about else "",
        "staff": chance.choice(STAFF),
    }
    opened = ledger.ago(chance, 1, 365 * min(person.years, 8))
    ticket = ledger.add(
        tickets,
        account_id=person.account_id or None if chance.random() < 0.7 else None,
        about_account_id=about.account_id if about else None,
        requester_name=person.full_name,
        requester_email=person.email if chance.random() < 0.8 else person.email.capitalize(),
        requester_phone=chance.choice((None, person.phone)),
        subject=subject.format(**words),
        channel=chance.choice(("form", "mail", "phone")),
        opened_at=opened,
        closed_at=opened + timedelta(hours=20) if chance.random() < 0.85 else None,
    )
    for turn, (by, body) in enumerate((("requester", question), ("staff", REPLY[person.language]))):
        ledger.add(
            ticket_messages,
            ticket_id=ticket,
            written_by=by,
            staff_name=words["staff"] if by == "staff" else None,
            body=body.format(**words),
            sent_at=opened + timedelta(hours=3 * turn),
        )
    if person.wealth == 3:
        ledger.add(ticket_attachments, ticket_id=ticket, filename="screenshot.jpg", content=photo_of(person))


def tell_talk(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note a phone call and the mails Medbook sent."""
    ledger.add(
        call_notes,
        account_id=chance.choice((None, person.account_id)) if person.account_id else None,
        caller_name=person.full_name,
        caller_phone=person.phone,
        caller_email=person.email,
        summary=f"{person.full_name} ({person.phone}) belde over de factuur. ☎️",
        staff_name=chance.choice(STAFF),
        called_at=ledger.ago(chance, 1, 900),
    )
    for address in (person.email, person.former_email):
        if address and (person.account_id or address == person.email):
            ledger.add(
                sent_mails,
                account_id=person.account_id or None,
                recipient=address,
                subject="Medbook",
                body=f"Beste {person.full_name},\n\nUw adres is {address}.",
                sent_at=ledger.ago(chance, 1, 900),
            )


def tell_devices(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note devices and the sessions on them."""
    for number in range(min(person.wealth, 2)):
        model, system = chance.choice(MODELS)
        seen = ledger.ago(chance, 1, 200)
        device = f"{person.account_id:08x}-0000-4000-8000-{number:012x}"
        ledger.add(
            devices,
            id=device,
            account_id=person.account_id,
            name=chance.choice((None, f"{model} — {person.full_name}")),
            model=model,
            system=system,
            push_token=f"push-{chance.getrandbits(80):020x}",
            first_seen_at=seen - timedelta(days=100),
            last_seen_at=seen,
        )
        for session in range(1, 3 * person.wealth):
            started = seen - timedelta(days=session)
            ledger.add(
                app_sessions,
                device_id=device,
                number=session,
                ip=person.ip,
                app_version=f"5.{session % 4}",
                started_at=started,
                ended_at=chance.choice((None, started + timedelta(minutes=9))),
            )


def tell_logs(ledger: Ledger, chance: Random, person: Person) -> None:
    """Note lines of the server's log: an address and a page, no name; some are older than 12 months."""
    for _ in range(3 * person.wealth):
        ledger.add(
            server_logs,
            at=ledger.ago(chance, 0, 420),
            ip=person.ip,
            method="GET",
            path=chance.choice(PAGES),
            status=chance.choice((200, 200, 304, 404)),
            user_agent=chance.choice((None, "Mozilla/5.0")),
        )
