"""Sessions kept on the server. The browser holds a random id; ours is its hash. A visitor who did nothing yet has none.

Before anything is worth keeping, the form token and nothing else travels in a signed cookie, so that looking at a page
writes nothing. The first thing worth keeping makes a row; each change of what a session may do makes a new id.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response
from flask import request as flask_request
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import String, cast, delete, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from portal.accounts.devices import device_of
from portal.accounts.gates import CONVERSATION
from portal.accounts.models import ServerSession
from portal.clock import now
from portal.db import Database, changed, release_writer

IDLE_STAFF, LONGEST_STAFF = timedelta(minutes=15), timedelta(hours=8)
IDLE_PERSON, LONGEST_PERSON = timedelta(hours=1), timedelta(hours=12)
LIGHT = {"csrf_token"}
SEEN_EVERY = timedelta(seconds=60)
STAFF_KEY = "_user_id"  # where flask-login keeps the id
BACKGROUND = "X-Background"
"""Header of what a page asks by itself, such as who else looks at it: that does not keep anybody signed in."""


class PortalSession(CallbackDict[str, Any], SessionMixin):
    """A session: a dictionary that knows its id and whether it changed."""

    def __init__(self, content: dict[str, Any] | None = None, sid: str | None = None) -> None:
        def note(_self: Any) -> None:
            self.modified = True

        super().__init__(content, note)
        self.modified = False
        self.new = sid is None
        self.sid = sid
        self.renewed = False
        self.idle_ends_at: datetime | None = None  # without another page
        self.ends_at: datetime | None = None  # in any case

    def renew(self) -> None:
        """Take a new id at the end of this request: what the session may do has changed."""
        self.renewed = self.modified = True


class SqlSessions(SessionInterface):
    """Opens and saves sessions in the portal's database."""

    def __init__(self, secret_key: str, secure: bool) -> None:
        self.secure = secure
        self.cookie = "__Host-portal" if secure else "portal"
        self.light = URLSafeSerializer(secret_key, salt="portal.session.light")

    def open_session(self, app: Flask, request: Request) -> PortalSession:
        """Return the session the browser names, or an empty one."""
        value = request.cookies.get(self.cookie, "")
        if value.startswith("l."):
            try:
                said = dict(self.light.loads(value[2:]))
                return PortalSession({key: said[key] for key in LIGHT & said.keys()})
            except (BadSignature, ValueError, TypeError):
                return PortalSession()
        if value.startswith("s."):
            return self._load(app, value[2:], bool(request.headers.get(BACKGROUND)))
        return PortalSession()

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Keep the session, if anything in it changed."""
        response.vary.add("Cookie")
        if not session.modified:
            return
        if session.sid is None and set(session) <= LIGHT:
            self._set(response, f"l.{self.light.dumps(dict(session))}" if session else None)
            return
        release_writer()  # what was not committed is dropped, and with it the lock that the lines below need
        database: Database = app.extensions["portal_db"]
        if session.renewed and session.sid:
            if not forget(database, session.sid):
                session.clear()  # it was ended meanwhile: it cannot come back under another id
            session.sid = None
        if not session:
            self._drop(database, session, response)
            return
        if session.sid is None:
            session.sid = secrets.token_urlsafe(32)
            self._insert(database, session)
        elif not self._update(database, session):
            return  # another tab was given a new id meanwhile: the browser keeps that one
        self._set(response, f"s.{session.sid}")

    def _load(self, app: Flask, sid: str, background: bool) -> PortalSession:
        database: Database = app.extensions["portal_db"]
        with database.reader() as reader:
            row = reader.get(ServerSession, hash_of(sid))
        if row is None or row.expires_at <= now() or row.last_seen_at + _idle(row) <= now():
            return PortalSession()
        seen_at = row.last_seen_at
        if not background and now() - seen_at > SEEN_EVERY:
            seen_at = now()
            with database.writing() as writer:
                seen = update(ServerSession).where(ServerSession.id_hash == row.id_hash)
                writer.execute(seen.values(last_seen_at=seen_at))
        session = PortalSession(dict(row.content), sid)
        session.idle_ends_at, session.ends_at = seen_at + _idle(row), row.expires_at
        return session

    def _insert(self, database: Database, session: PortalSession) -> None:
        moment, staff = now(), session.get(STAFF_KEY)
        with database.writing() as writer:
            writer.add(
                ServerSession(
                    id_hash=hash_of(str(session.sid)),
                    staff_id=staff,
                    device=device_of(flask_request.user_agent.string) if staff and flask_request else None,
                    content=dict(session),
                    created_at=moment,
                    last_seen_at=moment,
                    expires_at=moment + (LONGEST_STAFF if staff else LONGEST_PERSON),
                )
            )

    def _update(self, database: Database, session: PortalSession) -> bool:
        """Update only a row that is still there, and say whether it was: a session that was ended cannot come back."""
        with database.writing() as writer:
            kept = update(ServerSession).where(ServerSession.id_hash == hash_of(str(session.sid)))
            return changed(writer, kept.values(content=dict(session), last_seen_at=now())) > 0

    def _drop(self, database: Database, session: PortalSession, response: Response) -> None:
        if session.sid:
            forget(database, session.sid)
        self._set(response, None)

    def _set(self, response: Response, value: str | None) -> None:
        if value is None:
            response.delete_cookie(self.cookie, path="/", secure=self.secure, httponly=True, samesite="Lax")
        else:
            response.set_cookie(self.cookie, value, path="/", secure=self.secure, httponly=True, samesite="Lax")


def hash_of(sid: str) -> str:
    """Return the SHA-256 under which a session id is kept."""
    return hashlib.sha256(sid.encode()).hexdigest()


def forget(database: Database, sid: str) -> bool:
    """End the session with this id; False where it was ended before."""
    with database.writing() as writer:
        return changed(writer, delete(ServerSession).where(ServerSession.id_hash == hash_of(sid))) > 0


def close_elsewhere(writer: Session, conversation_id: str, here: PortalSession) -> None:
    """End every other session that holds the conversation: a code opened it ``here``. The caller commits."""
    holding = cast(ServerSession.content, String).contains(conversation_id)
    mine = hash_of(here.sid or "")
    writer.execute(
        delete(ServerSession).where(holding, ServerSession.staff_id.is_(None), ServerSession.id_hash != mine)
    )


def spend(database: Database, session: PortalSession, key: str) -> bool:
    """Take ``key`` out of the session now and for good; of two requests at the same moment only one gets True."""
    if session.sid is None:
        return False
    with database.writing() as writer:
        row = writer.get(ServerSession, hash_of(session.sid), with_for_update=True)
        if row is None or key not in row.content:
            return False
        row.content = {name: value for name, value in row.content.items() if name != key}
    session.pop(key, None)
    return True


def _idle(row: ServerSession) -> timedelta:
    """Return how long the session may lie still; who writes a request may put it aside for half a day."""
    if row.staff_id:
        return IDLE_STAFF
    return LONGEST_PERSON if CONVERSATION in row.content else IDLE_PERSON
