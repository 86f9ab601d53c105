"""What ties made-up people to one another: supervision, assessments, messages, changes made for somebody else."""

from datetime import date, timedelta
from random import Random

from portal.demo.medbook.ledger import Ledger
from portal.demo.medbook.people import Person
from portal.demo.medbook.reference import COMPETENCIES
from portal.demo.medbook.schema_people import audit_entries, supervisions
from portal.demo.medbook.schema_portfolio import (
    assessment_scores,
    assessment_statements,
    assessments,
    message_recipients,
    messages,
)
from portal.demo.medbook.texts import ADVICE, GREETING, JUDGEMENT, STATEMENT, prose, third


def tell_supervision(ledger: Ledger, chance: Random, trainee: Person, mentor: Person) -> None:
    """Note that ``mentor`` accompanied ``trainee``, and one change the mentor made for them."""
    start = date(ledger.now.year - chance.randint(1, trainee.years), 10, 1)
    ledger.add(
        supervisions,
        trainee_id=trainee.account_id,
        mentor_id=mentor.account_id,
        started_on=start,
        ended_on=chance.choice((None, start + timedelta(days=364))),
        note=chance.choice((None, f"{mentor.full_name} / {trainee.full_name}: {third(chance, trainee.language)}")),
    )
    ledger.add(
        audit_entries,
        account_id=trainee.account_id,
        actor_id=mentor.account_id,
        at=ledger.ago(chance, 5, 300),
        action="plan.approve",
        details={
            "actor": {"name": mentor.full_name, "mail": mentor.email.upper()},
            "for": [{"name": trainee.full_name}, trainee.email],
        },
    )


def tell_assessment(ledger: Ledger, chance: Random, subject: Person, author: Person, stated: bool) -> None:
    """Note what ``author`` wrote about ``subject``, the scores, and the subject's own statement when ``stated``."""
    names = {
        "name": subject.full_name,
        "author": author.full_name,
        "third": third(chance, author.language),
    }
    given = ledger.ago(chance, 10, 365 * subject.years)
    assessment = ledger.add(
        assessments,
        subject_id=subject.account_id,
        author_id=author.account_id,
        author_name=author.full_name,
        kind=chance.choice(("KPB", "mini-CEX", "360°")),
        given_on=given.date(),
        judgement=JUDGEMENT[author.language].format(**names),
        advice=chance.choice((None, ADVICE[author.language].format(**names))),
    )
    for competency in chance.sample(range(1, len(COMPETENCIES) + 1), subject.wealth):
        ledger.add(
            assessment_scores,
            assessment_id=assessment,
            competency_id=competency,
            score=chance.choice((None, 1, 2, 3, 4, 5)),
            comment=chance.choice((None, f"{subject.full_name} ({author.full_name})")),
        )
    if stated:
        ledger.add(
            assessment_statements,
            assessment_id=assessment,
            account_id=subject.account_id,
            statement=STATEMENT[subject.language].format(**names),
            made_at=given + timedelta(days=4),
        )


def tell_message(ledger: Ledger, chance: Random, sender: Person, recipients: list[Person]) -> None:
    """Note one message of ``sender`` to everybody in ``recipients``, who are named in it."""
    sent = ledger.ago(chance, 2, 700)
    body = GREETING[sender.language].format(
        to=", ".join(person.full_name for person in recipients),
        text=prose(chance, sender.language, 2),
        sender=f"{sender.full_name} ({sender.email})",
    )
    subject = chance.choice((None, "Overdracht", f"Re: {recipients[0].full_name}"))
    message = ledger.add(messages, sender_id=sender.account_id, subject=subject, body=body, sent_at=sent)
    for place, person in enumerate(recipients):
        ledger.add(
            message_recipients,
            message_id=message,
            account_id=person.account_id,
            kind="cc" if place else "to",
            read_at=chance.choice((None, sent + timedelta(hours=5))),
        )
