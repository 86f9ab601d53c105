"""Signed links in mail: a salt per purpose, so that a link for one thing opens nothing else. GET never consumes one."""

from enum import StrEnum

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from portal.config import settings_of
from portal.errors import LinkExpired


class LinkPurpose(StrEnum):
    """What a link points to."""

    STOP = "stop"
    TOLD = "told"
    ACTIVATE = "activate"
    RECEIVE = "receive"
    RESUME = "resume"


def make_link(session: Session, purpose: LinkPurpose, target: str) -> str:
    """Return the signed token that points to ``target`` for ``purpose``."""
    return _serializer(session, purpose).dumps([purpose.value, settings_of(session).base_url, target])


def read_link(session: Session, purpose: LinkPurpose, token: str) -> str:
    """Return what ``token`` points to.

    Raises:
        LinkExpired: it was not made by this portal for this purpose.
    """
    try:
        said = _serializer(session, purpose).loads(token)
    except BadData as fault:
        raise LinkExpired from fault
    if said[:2] != [purpose.value, settings_of(session).base_url]:
        raise LinkExpired
    return str(said[2])


def _serializer(session: Session, purpose: LinkPurpose) -> URLSafeSerializer:
    return URLSafeSerializer(settings_of(session).secret_key, salt=f"portal.link.{purpose.value}")
