"""Mailed six-digit codes: minted as the mail leaves, ten minutes, once, five tries; fifteen in all for one thing."""

import hmac
import re
import secrets
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import CodePurpose, OneTimeCode
from portal.clock import now
from portal.db import changed, new_id
from portal.errors import TooManyTries
from portal.files.keys import keyed_hash
from portal.mail import outbox
from portal.mail.outbox import Mail
from portal.words import N_

LIFE = timedelta(minutes=10)
TRIES = 5
TRIES_FOR_EVER = 15
PER_HOUR, PER_DAY = 3, 10  # for one purpose: codes for one page never use up those of another
PER_DAY_IN_ALL = 20
DIGITS = re.compile(r"[0-9]{6}", re.ASCII)
LETTER = "code"


class Verdict(StrEnum):
    """What became of a typed code."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    NO_TRIES_LEFT = "no_tries_left"
    SHUT = "shut"  # fifteen tries in all: a new code would not help


def mailbox_hash(session: Session, address: str) -> str:
    """Return the keyed hash under which the mailbox ``address`` is known; case and outer spaces do not count."""
    return keyed_hash(session, "mailbox", address.strip().lower())


def ask(
    session: Session, purpose: CodePurpose, owner: str, address: str, language: str, case_id: str | None = None
) -> OneTimeCode:
    """Queue a mail with a fresh code; older codes for the same thing stop working.

    Raises:
        TooManyTries: three codes an hour or ten a day were asked for this mailbox and purpose, twenty a day for all
            purposes together, or all tries are spent.
    """
    mailbox = mailbox_hash(session, address)
    _check_rate(session, purpose, mailbox)
    if _spent(session, purpose, owner) >= TRIES_FOR_EVER:
        raise TooManyTries(SENTENCES[Verdict.SHUT])
    older = update(OneTimeCode).where(
        OneTimeCode.purpose == purpose, OneTimeCode.owner == owner, OneTimeCode.used_at.is_(None)
    )
    session.execute(older.values(used_at=now()))
    code = OneTimeCode(id=new_id(), purpose=purpose, owner=owner, mailbox=mailbox, tries=0, created_at=now())
    session.add(code)
    session.flush()
    outbox.queue(session, LETTER, language, address, {"code_id": code.id}, owner=code.id, case_id=case_id)
    return code


def mint(session: Session, mail: Mail) -> dict[str, str] | None:
    """Make the code that ``mail`` carries; only its hash stays. Sending again makes a new one.

    None where a newer code was asked for since, or this one is forgotten: its mail would only mislead.
    """
    code = session.get(OneTimeCode, mail.facts["code_id"])
    if code is None or code.used_at is not None:
        return None
    digits = f"{secrets.randbelow(1_000_000):06d}"
    code.code_hash, code.expires_at = _hash(session, code.id, digits), now() + LIFE
    return {"code": digits}


def check(session: Session, purpose: CodePurpose, owner: str, typed: str) -> Verdict:
    """Compare ``typed`` with the code for ``owner``, counting the try; the caller commits whatever the verdict.

    The try is counted by one conditional UPDATE before the comparison, so parallel guesses cannot exceed the limit.
    What is not six digits (0 to 9) is no guess and costs no try.
    """
    digits = re.sub(r"[\s-]", "", typed)
    code = current(session, purpose, owner)
    earlier = _spent(session, purpose, owner, but=code)
    if earlier + (code.tries if code else 0) >= TRIES_FOR_EVER:
        return Verdict.SHUT
    if code is None or code.code_hash is None or code.expires_at is None or code.expires_at <= now():
        return Verdict.EXPIRED
    if not DIGITS.fullmatch(digits):
        return Verdict.WRONG
    left = min(TRIES, TRIES_FOR_EVER - earlier)
    counted = update(OneTimeCode).where(
        OneTimeCode.id == code.id, OneTimeCode.used_at.is_(None), OneTimeCode.tries < left
    )
    if not changed(session, counted.values(tries=OneTimeCode.tries + 1)):
        return Verdict.NO_TRIES_LEFT
    if not hmac.compare_digest(code.code_hash.encode(), _hash(session, code.id, digits).encode()):
        return Verdict.WRONG
    used = update(OneTimeCode).where(OneTimeCode.id == code.id, OneTimeCode.used_at.is_(None)).values(used_at=now())
    return Verdict.RIGHT if changed(session, used) else Verdict.EXPIRED


def current(session: Session, purpose: CodePurpose, owner: str) -> OneTimeCode | None:
    """Return the code for ``owner`` that counts now: the newest that was not used, though its time may be over."""
    newest = (
        select(OneTimeCode)
        .where(OneTimeCode.purpose == purpose, OneTimeCode.owner == owner, OneTimeCode.used_at.is_(None))
        .order_by(OneTimeCode.created_at.desc())
        .limit(1)
    )
    return session.scalars(newest.execution_options(populate_existing=True)).one_or_none()


def tries_left(session: Session, purpose: CodePurpose, owner: str) -> int:
    """Return how many tries the code for ``owner`` still has."""
    code = current(session, purpose, owner)
    if code is None:
        return 0
    session.refresh(code)
    spent = _spent(session, purpose, owner, but=code)
    return max(min(TRIES, TRIES_FOR_EVER - spent) - code.tries, 0)


SENTENCES = {
    Verdict.WRONG: N_("This code is not right. Look at the newest mail and type its six digits."),
    Verdict.EXPIRED: N_("This code has expired. Ask for a new one."),
    Verdict.NO_TRIES_LEFT: N_("This code was tried too often. Ask for a new one."),
    Verdict.SHUT: N_("Too many wrong codes were typed here. Write to us or call us: we help you further."),
}


def _spent(session: Session, purpose: CodePurpose, owner: str, but: OneTimeCode | None = None) -> int:
    """Return the tries spent on all codes for ``owner``, those of ``but`` left out."""
    tries = select(func.coalesce(func.sum(OneTimeCode.tries), 0)).where(
        OneTimeCode.purpose == purpose, OneTimeCode.owner == owner
    )
    return int(session.scalar(tries if but is None else tries.where(OneTimeCode.id != but.id)) or 0)


def _check_rate(session: Session, purpose: CodePurpose, mailbox: str) -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    asked = select(func.count()).where(OneTimeCode.mailbox == mailbox)
    alike = asked.where(OneTimeCode.purpose == purpose)
    for counted, span, limit in ((alike, hour, PER_HOUR), (alike, day, PER_DAY), (asked, day, PER_DAY_IN_ALL)):
        if (session.scalar(counted.where(OneTimeCode.created_at > now() - span)) or 0) >= limit:
            raise TooManyTries(N_("We sent several codes to this address already. Wait an hour and ask again."))


def _hash(session: Session, code_id: str, digits: str) -> str:
    return keyed_hash(session, "code", f"{code_id}:{digits}")
