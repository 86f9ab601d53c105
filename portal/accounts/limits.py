"""How often one visitor may try what anybody may try. Counted by a keyed hash that ends with its hour."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Tries
from portal.clock import now
from portal.db import Database, changed
from portal.errors import TooManyTries
from portal.files.keys import keyed_hash

SPAN = timedelta(hours=1)
HOME = 64
"""Bits that the addresses of one IPv6 connection have in common (RFC 6177)."""


def count_try(database: Database, what: str, address: str | None, most: int) -> None:
    """Count one try, in a transaction of its own.

    Args:
        database: the portal's.
        what: what is tried.
        address: of the visitor's network; those without one count as one visitor.
        most: how many tries an hour has.

    Raises:
        TooManyTries: there were as many within this hour of the clock.
    """
    span = int(now().timestamp() // SPAN.total_seconds())
    try:
        _count(database, f"{what}|{_visitor(address)}|{span}", span, most)
    except IntegrityError:  # another process made the row first
        _count(database, f"{what}|{_visitor(address)}|{span}", span, most)


def _count(database: Database, name: str, span: int, most: int) -> None:
    with database.writing() as session:
        key = keyed_hash(session, "tries", name)
        if changed(session, update(Tries).where(Tries.key == key, Tries.count < most).values(count=Tries.count + 1)):
            return
        if session.scalar(select(Tries.key).where(Tries.key == key)) is not None:
            raise TooManyTries
        ends_at = datetime.fromtimestamp((span + 1) * SPAN.total_seconds(), UTC)
        session.add(Tries(key=key, count=1, ends_at=ends_at))


def _visitor(address: str | None) -> str:
    """Return the address, or the network of an IPv6 address: a connection has very many of them."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return ""
    return str(found if found.version == 4 else ip_network((found, HOME), strict=False))
