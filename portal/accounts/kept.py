"""How long what a member of staff had typed when their session ended is kept: a day, and not after it was sent."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import DeskDraft

LIFE = timedelta(days=1)


def ended(session: Session, at: datetime) -> list[DeskDraft]:
    """Return what was kept for a day."""
    return list(session.scalars(select(DeskDraft).where(DeskDraft.created_at <= at - LIFE)))
