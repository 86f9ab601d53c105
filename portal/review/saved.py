"""Views of the queue that a member of staff saved: view and filters under a name of their own."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Staff
from portal.clock import now
from portal.db import changed
from portal.errors import NotYours
from portal.review.models import SavedView
from portal.review.wanted import Wanted

MOST_SAVED = 12
LONGEST_NAME = 40


def saved_views(session: Session, member: Staff) -> list[tuple[SavedView, Wanted]]:
    """Return the views that ``member`` saved, by name, with what each shows."""
    own = select(SavedView).where(SavedView.staff_id == member.id).order_by(SavedView.name, SavedView.id)
    return [(each, wanted_by(each)) for each in session.scalars(own)]


def wanted_by(saved: SavedView) -> Wanted:
    """Return what ``saved`` shows."""
    return Wanted.read({"view": saved.view, "right": saved.right_slug, "language": saved.language})


def is_full(session: Session, member: Staff) -> bool:
    """Whether ``member`` saved as many views as fit above the queue."""
    own = select(func.count()).select_from(SavedView).where(SavedView.staff_id == member.id)
    return (session.scalar(own) or 0) >= MOST_SAVED


def keep(session: Session, member: Staff, name: str, wanted: Wanted) -> None:
    """Save ``wanted`` without its place; of a name that ``member`` used before the newer view counts."""
    session.execute(delete(SavedView).where(SavedView.staff_id == member.id, SavedView.name == name))
    session.add(
        SavedView(
            staff_id=member.id,
            name=name,
            view=wanted.view.slug,
            right_slug=wanted.right,
            language=wanted.language,
            created_at=now(),
        )
    )


def forget(session: Session, member: Staff, saved_id: str) -> Wanted:
    """Remove a saved view and return what it showed.

    Raises:
        NotYours: there is none, or a colleague saved it.
    """
    saved = session.get(SavedView, saved_id)
    if saved is None or saved.staff_id != member.id:
        raise NotYours
    changed(session, delete(SavedView).where(SavedView.id == saved_id))
    return wanted_by(saved)
