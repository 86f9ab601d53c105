"""The way back to a request that was not sent, for who comes back in the same browser when its session is over.

The browser holds a random word for each, in a cookie of its own; we keep hashes. A word only points: who holds it
learns when something was begun here, and nothing else before a code by mail was right. Whenever a browser gets a
conversation the word is made anew: one that somebody planted leads to nothing that is begun or opened here later.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from flask import Response, after_this_request, current_app, request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.accounts.gates import MOST_OPEN
from portal.accounts.models import WayBack
from portal.clock import now

LIFE = timedelta(days=7)
BETWEEN = "."  # stands in no word


def open_way(session: Session, conversation_id: str) -> None:
    """Give this browser a new word for the conversation instead of an old one; of too many the oldest gives way.

    Args:
        session: a write session; the caller commits.
        conversation_id: where it leads.
    """
    _forget_here(session, [conversation_id])
    word = secrets.token_urlsafe(24)
    session.add(WayBack(word_hash=_hash(word), conversation_id=conversation_id, created_at=now()))
    kept = [word, *_living(session)]
    session.execute(delete(WayBack).where(WayBack.word_hash.in_([_hash(each) for each in kept[MOST_OPEN:]])))
    _hand_over(kept[:MOST_OPEN])


def leads_to(session: Session) -> list[str]:
    """Return the conversations to which this browser holds the way, the newest first."""
    return list(_living(session).values())


def close_ways(session: Session, conversation_ids: Sequence[str]) -> None:
    """Take the way to these conversations from this browser; the caller commits."""
    _forget_here(session, conversation_ids)
    _hand_over(list(_living(session)))


def forget_ways(session: Session, conversation_id: str) -> None:
    """Forget the way to a conversation that is sent or forgotten, for every browser; the caller commits."""
    session.execute(delete(WayBack).where(WayBack.conversation_id == conversation_id))


def _words() -> list[str]:
    said = request.cookies.get(_name(), "")
    return [word for word in said.split(BETWEEN) if word][:MOST_OPEN]


def _living(session: Session) -> dict[str, str]:
    """Return the words of this browser that lead somewhere, each with its conversation."""
    hashes = {_hash(word): word for word in _words()}
    if not hashes:
        return {}
    rows = select(WayBack).where(WayBack.word_hash.in_(hashes), WayBack.created_at > now() - LIFE)
    found = {hashes[row.word_hash]: row.conversation_id for row in session.scalars(rows)}
    return {word: found[word] for word in hashes.values() if word in found}


def _forget_here(session: Session, conversation_ids: Sequence[str]) -> None:
    mine = WayBack.word_hash.in_([_hash(word) for word in _words()])
    session.execute(delete(WayBack).where(mine, WayBack.conversation_id.in_(conversation_ids)))


def _hand_over(words: Sequence[str]) -> None:
    """Let the answer to this request carry ``words``; without any, the cookie ends."""
    name, secure = _name(), _is_secure()

    @after_this_request
    def carry(response: Response) -> Response:
        value, life = BETWEEN.join(words), LIFE if words else timedelta(0)
        response.set_cookie(name, value, max_age=life, path="/", secure=secure, httponly=True, samesite="Lax")
        return response


def _name() -> str:
    return "__Host-portal-unsent" if _is_secure() else "portal-unsent"


def _is_secure() -> bool:
    return bool(current_app.extensions["portal_settings"].secure)


def _hash(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
