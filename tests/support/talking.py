"""What both sides said of a case, with a file from each: for pages that must hold long words."""

from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.cases.attachments import Sealed, attach
from portal.cases.models import Author, Case, Message
from portal.clock import now
from portal.db import new_id
from portal.files.keys import Purpose, seal

NAME = "Proof of the address at which I have lived since the year before.pdf"
NOWHERE = "0" * 32


def talk(session: Session, case: Case, member: Staff, words: str) -> None:
    """Have both sides and a note say ``words``; the files are rows only, there is nothing to open."""
    for author, staff_id in ((Author.STAFF, member.id), (Author.PERSON, None), (Author.NOTE, member.id)):
        text = seal(session, case.id, Purpose.MESSAGES, words.encode())
        message = Message(id=new_id(), case_id=case.id, author=author, staff_id=staff_id, text=text, created_at=now())
        session.add(message)
        session.flush()
        if author is not Author.NOTE:
            attach(session, message, [Sealed(new_id(), NOWHERE, NAME, "application/pdf", 3, 123_456)])
