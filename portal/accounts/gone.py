"""What is over in codes, sessions and counted tries: found for the sweep, and taken away."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import CodePurpose, OneTimeCode, ServerSession, Tries
from portal.files.keys import Purpose, destroy_key


def codes(session: Session, at: datetime, kept: Mapping[CodePurpose, int]) -> list[OneTimeCode]:
    """Return the codes that open nothing any more: older than ``kept`` says, in days, for their purpose."""
    ended = (
        and_(OneTimeCode.purpose == purpose, OneTimeCode.created_at <= at - timedelta(days=days))
        for purpose, days in kept.items()
    )
    return list(session.scalars(select(OneTimeCode).where(or_(*ended))))


def forget_code(session: Session, code: OneTimeCode, _at: datetime) -> list[str]:
    """Take away one code with the key of its address; there is no file."""
    destroy_key(session, code.id, Purpose.CONTACT)
    session.delete(code)
    return []


def sessions(session: Session, at: datetime) -> list[ServerSession]:
    """Return the sessions that have ended."""
    return list(session.scalars(select(ServerSession).where(ServerSession.expires_at <= at)))


def tries(session: Session, at: datetime) -> list[Tries]:
    """Return the counts of tries that have ended."""
    return list(session.scalars(select(Tries).where(Tries.ends_at <= at)))
