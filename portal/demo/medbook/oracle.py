"""Whose row is whose, said by hand in SQL: what collecting by the data map is compared with.

Written from the tables alone, without a look at the data map; the two must agree for everybody. ``OWN`` are rows that
are the person's. ``NAMED`` are rows of somebody else that name the person: erasing reaches them, a copy does not.
"""
# ruff: noqa: S608 (statements are put together from the constants of this file; values are bound)

from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import BindParameter, Connection, bindparam, text

Key: TypeAlias = tuple[object, ...]

ME = "SELECT id FROM accounts WHERE lower(email) = :email"
CONTACT = "SELECT id FROM company_contacts WHERE lower(email) = :email"
ITEMS = f"""
    WITH RECURSIVE mine(id) AS (
        SELECT id FROM portfolio_items WHERE account_id IN ({ME})
        UNION
        SELECT part.id FROM portfolio_items part JOIN mine ON part.parent_id = mine.id
    )"""
INVOICES = f"""
    SELECT id FROM invoices
    WHERE account_id IN ({ME}) OR contact_id IN ({CONTACT}) OR lower(billing_email) = :email"""

OWN: dict[str, str] = {
    "medbook.accounts": ME,
    "medbook.account_emails": f"SELECT id FROM account_emails WHERE account_id IN ({ME})",
    "medbook.account_profiles": f"SELECT account_id FROM account_profiles WHERE account_id IN ({ME})",
    "medbook.careers": f"SELECT id FROM careers WHERE account_id IN ({ME})",
    "medbook.supervisions": f"SELECT id FROM supervisions WHERE trainee_id IN ({ME}) OR mentor_id IN ({ME})",
    "medbook.login_events": f"SELECT id FROM login_events WHERE account_id IN ({ME})",
    "medbook.audit_entries": f"SELECT id FROM audit_entries WHERE account_id IN ({ME})",
    "medbook.processing_flags": f"SELECT account_id, activity, flag FROM processing_flags WHERE account_id IN ({ME})",
    "medbook.portfolio_items": f"{ITEMS} SELECT id FROM mine",
    "medbook.item_attachments": f"{ITEMS} SELECT a.id FROM item_attachments a JOIN mine ON a.item_id = mine.id",
    "medbook.portfolio_item_tags": f"""
        {ITEMS} SELECT t.item_id, t.tag_id FROM portfolio_item_tags t JOIN mine ON t.item_id = mine.id""",
    "medbook.assessments": f"SELECT id FROM assessments WHERE subject_id IN ({ME})",
    "medbook.assessment_scores": f"""
        SELECT s.assessment_id, s.competency_id FROM assessment_scores s
        JOIN assessments a ON a.id = s.assessment_id WHERE a.subject_id IN ({ME})""",
    "medbook.assessment_statements": f"""
        SELECT s.id FROM assessment_statements s JOIN assessments a ON a.id = s.assessment_id
        WHERE a.subject_id IN ({ME}) OR s.account_id IN ({ME})""",
    "medbook.training_plans": f"SELECT id FROM training_plans WHERE account_id IN ({ME})",
    "medbook.plan_periods": f"""
        SELECT p.id FROM plan_periods p JOIN training_plans t ON t.id = p.plan_id WHERE t.account_id IN ({ME})""",
    "medbook.period_goals": f"""
        SELECT g.period_id, g.competency_id FROM period_goals g JOIN plan_periods p ON p.id = g.period_id
        JOIN training_plans t ON t.id = p.plan_id WHERE t.account_id IN ({ME})""",
    "medbook.messages": f"""
        SELECT id FROM messages WHERE sender_id IN ({ME})
        UNION SELECT message_id FROM message_recipients WHERE account_id IN ({ME})""",
    "medbook.message_recipients": f"""
        SELECT message_id, account_id FROM message_recipients WHERE account_id IN ({ME})""",
    "medbook.contracts": f"SELECT id FROM contracts WHERE account_id IN ({ME})",
    "medbook.company_contacts": CONTACT,
    "medbook.company_contracts": f"SELECT id FROM company_contracts WHERE contact_id IN ({CONTACT})",
    "medbook.invoices": INVOICES,
    "medbook.invoice_lines": f"SELECT invoice_id, line_no FROM invoice_lines WHERE invoice_id IN ({INVOICES})",
    "medbook.consents": f"SELECT id FROM consents WHERE account_id IN ({ME})",
    "medbook.research_shares": f"SELECT account_id, project FROM research_shares WHERE account_id IN ({ME})",
    "medbook.newsletter_subscriptions": f"""
        SELECT id FROM newsletter_subscriptions WHERE account_id IN ({ME}) OR lower(email) = :email""",
    "medbook.recognition_files": f"SELECT id FROM recognition_files WHERE account_id IN ({ME})",
    "medbook.committee_decisions": f"""
        SELECT d.id FROM committee_decisions d JOIN recognition_files f ON f.id = d.file_id
        WHERE f.account_id IN ({ME})""",
    "medbook.disclosures": f"SELECT id FROM disclosures WHERE account_id IN ({ME})",
    "medbook.usage_events": f"SELECT id FROM usage_events WHERE account_id IN ({ME})",
    "medbook_support.tickets": """
        SELECT id FROM tickets WHERE account_id IN :accounts OR lower(requester_email) = :email""",
    "medbook_support.ticket_messages": """
        SELECT m.id FROM ticket_messages m JOIN tickets t ON t.id = m.ticket_id
        WHERE t.account_id IN :accounts OR lower(t.requester_email) = :email""",
    "medbook_support.ticket_attachments": """
        SELECT a.id FROM ticket_attachments a JOIN tickets t ON t.id = a.ticket_id
        WHERE t.account_id IN :accounts OR lower(t.requester_email) = :email""",
    "medbook_support.call_notes": """
        SELECT id FROM call_notes WHERE account_id IN :accounts OR lower(caller_email) = :email""",
    "medbook_support.sent_mails": """
        SELECT id FROM sent_mails WHERE account_id IN :accounts OR lower(recipient) = :email""",
    "medbook_support.devices": "SELECT id FROM devices WHERE account_id IN :accounts",
    "medbook_support.app_sessions": """
        SELECT s.device_id, s.number FROM app_sessions s JOIN devices d ON d.id = s.device_id
        WHERE d.account_id IN :accounts""",
    "medbook_support.server_logs": "SELECT id FROM server_logs WHERE ip IN :addresses",
}

NAMED: dict[str, str] = {
    "medbook.assessments": f"SELECT id FROM assessments WHERE author_id IN ({ME})",
    "medbook.assessment_scores": f"""
        SELECT s.assessment_id, s.competency_id FROM assessment_scores s
        JOIN assessments a ON a.id = s.assessment_id WHERE a.author_id IN ({ME})""",
    "medbook.assessment_statements": f"""
        SELECT s.id FROM assessment_statements s JOIN assessments a ON a.id = s.assessment_id
        WHERE a.author_id IN ({ME})""",
    "medbook.training_plans": f"SELECT id FROM training_plans WHERE supervisor_id IN ({ME})",
    "medbook.plan_periods": f"""
        SELECT p.id FROM plan_periods p JOIN training_plans t ON t.id = p.plan_id WHERE t.supervisor_id IN ({ME})""",
    "medbook.period_goals": f"""
        SELECT g.period_id, g.competency_id FROM period_goals g JOIN plan_periods p ON p.id = g.period_id
        JOIN training_plans t ON t.id = p.plan_id WHERE t.supervisor_id IN ({ME})""",
    "medbook.audit_entries": f"SELECT id FROM audit_entries WHERE actor_id IN ({ME})",
    "medbook_support.tickets": "SELECT id FROM tickets WHERE about_account_id IN :accounts",
    "medbook_support.ticket_messages": """
        SELECT m.id FROM ticket_messages m JOIN tickets t ON t.id = m.ticket_id
        WHERE t.about_account_id IN :accounts""",
    "medbook_support.ticket_attachments": """
        SELECT a.id FROM ticket_attachments a JOIN tickets t ON t.id = a.ticket_id
        WHERE t.about_account_id IN :accounts""",
}


def oracle_rows(
    connections: Mapping[str, Connection], email: str, addresses: tuple[str, ...] = (), named: bool = False
) -> dict[str, set[Key]]:
    """Return the primary keys of the rows of the person with ``email``, by "source.collection", empty sets too.

    Args:
        connections: by source key: ``medbook`` and ``medbook_support``.
        email: address of the account or contact; case and outer blanks do not matter.
        addresses: IP addresses the person named, for the server logs (Art. 11(2) GDPR).
        named: add other people's rows that name the person, which erasing reaches.
    """
    wanted = email.strip().lower()
    accounts = tuple(connections["medbook"].execute(text(ME), {"email": wanted}).scalars())
    values = {"email": wanted, "accounts": accounts, "addresses": addresses}
    found = {name: _keys(connections, name, sql, values) for name, sql in OWN.items()}
    if named:
        for name, sql in NAMED.items():
            found[name] |= _keys(connections, name, sql, values)
    return found


def _keys(connections: Mapping[str, Connection], name: str, sql: str, values: Mapping[str, object]) -> set[Key]:
    used = {key: value for key, value in values.items() if f":{key}" in sql}
    lists: list[BindParameter[object]] = [bindparam(key, expanding=True) for key in used if key != "email"]
    rows = connections[name.partition(".")[0]].execute(text(sql).bindparams(*lists), used)
    return {tuple(row) for row in rows}
