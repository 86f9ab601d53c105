"""What was typed when a session had ended: carried over the sign-in, kept sealed for a day, shown again, never sent.

Nothing is done with it: the page shows it in its fields, and who wrote it looks at it and sends it.
"""

import json
from collections.abc import Mapping

from flask import current_app, request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.accounts.models import DeskDraft, Staff
from portal.clock import now
from portal.db import new_id
from portal.files.keys import Purpose, open_sealed, seal
from portal.review.fresh import carried

PREFIX = "kept-"
PATH = "kept_path"
LONGEST = 60_000  # characters of all fields together
LONGEST_PATH = 200


def typed(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return the fields of a form that could not be taken, ready to travel along on the sign-in page."""
    fields = [(PREFIX + name, value) for name, value in carried(form) if value.strip()]
    return fields if sum(len(name) + len(value) for name, value in fields) <= LONGEST else []


def travelling(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return what travels along already, for when the sign-in page comes back."""
    return [(name, value) for name, value in form.items(multi=True) if name.startswith(PREFIX) or name == PATH]


def page_of(path: str) -> str | None:
    """Return the page whose form posts to ``path``: the nearest address above it that can be looked at."""
    adapter = current_app.url_map.bind("localhost")
    while path.startswith("/desk/") and len(path) <= LONGEST_PATH:
        try:
            adapter.match(path, "GET")
        except (HTTPException, RequestRedirect):
            path = path.rstrip("/").rpartition("/")[0]
        else:
            return path
    return None


def keep(session: Session, staff: Staff, form: MultiDict[str, str]) -> str | None:
    """Keep what travelled along with a sign-in that succeeded; return the page where it is shown, or None."""
    page = page_of(form.get(PATH, ""))
    fields = {name.removeprefix(PREFIX): value for name, value in travelling(form) if name != PATH}
    if page is None or not fields or sum(map(len, fields.values())) > LONGEST:
        return page
    session.execute(delete(DeskDraft).where(DeskDraft.staff_id == staff.id, DeskDraft.path == page))
    content = seal(session, staff.id, Purpose.STAFF, json.dumps(fields, ensure_ascii=False).encode())
    session.add(DeskDraft(id=new_id(), staff_id=staff.id, path=page, content=content, created_at=now()))
    return page


def kept(session: Session, staff: Staff) -> Mapping[str, str]:
    """Return what ``staff`` had typed into the page that is looked at now; empty where nothing was."""
    draft = _of(session, staff, request.path)
    if draft is None:
        return {}
    found: dict[str, str] = json.loads(open_sealed(session, staff.id, Purpose.STAFF, draft.content))
    return found


def drop(session: Session, staff: Staff, path: str) -> None:
    """Forget what was kept for the page above ``path``: its form is sent again in this transaction."""
    page = page_of(path)
    if page is not None:
        session.execute(delete(DeskDraft).where(DeskDraft.staff_id == staff.id, DeskDraft.path == page))


def is_kept(session: Session, staff: Staff, path: str) -> bool:
    """Whether something is kept for the page above ``path``."""
    page = page_of(path)
    return page is not None and _of(session, staff, page) is not None


def _of(session: Session, staff: Staff, page: str) -> DeskDraft | None:
    mine = select(DeskDraft).where(DeskDraft.staff_id == staff.id, DeskDraft.path == page)
    return session.scalars(mine).one_or_none()
