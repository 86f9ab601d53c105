"""Tables that only the desk knows: who looks at what just now, and the views that members of staff saved."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime, new_id


class Presence(Base):
    """A member of staff has a request open. The row counts for a minute; the next one who looks sweeps old ones."""

    __tablename__ = "presences"
    __table_args__ = (Index("ix_presences_seen", "seen_at"),)

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    staff_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    deciding: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedView(Base):
    """A view of the queue with its filters, under a name that its owner gave it."""

    __tablename__ = "saved_views"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    view: Mapped[str] = mapped_column(String(16))
    right_slug: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
