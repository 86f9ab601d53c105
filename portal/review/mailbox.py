"""Mails that become cases: one that is uploaded at the desk, or all of a folder. Each is filed once, or named."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.audit.record import SYSTEM
from portal.cases.incoming import Fate, fate_of, file_mail, mails_in, read_file, take, words_of
from portal.config import settings_of
from portal.db import Database
from portal.errors import PortalError
from portal.review.asked import presumed
from portal.understanding import Understanding

HOME = "nl"
"""The language of who wrote nothing that tells one."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one file; ``fault`` says why it could not be read now."""

    file: str
    fate: Fate | None
    fault: str = ""


def read_folder(database: Database, understanding: Understanding, folder: Path) -> Iterator[Told]:
    """Read every mail of ``folder`` (a Maildir, or plain files); a file that fails is named, and the others go on."""
    for path in mails_in(folder):
        try:
            yield Told(path.name, _read_one(database, understanding, path))
        except (PortalError, OSError) as fault:
            yield Told(path.name, None, str(getattr(fault, "sentence", fault)))


def _read_one(database: Database, understanding: Understanding, path: Path) -> Fate:
    with database.reader() as reading:
        mail = read_file(path, reading)
        settled = fate_of(reading, mail)
        slots = settings_of(reading).data_dir / "slots"
    if settled is not None:
        return settled
    taken = take(database, mail, slots)
    guess = presumed(understanding, f"{mail.subject}\n{mail.text}", words_of(mail), HOME)
    with database.writing() as session:
        return file_mail(session, taken, guess, SYSTEM)[1]
