"""What the tables of the made-up Medbook share: column shorthands and the two catalogues. No table stands here."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData

from portal.db import NAMING

MEDBOOK = MetaData(naming_convention=NAMING)
SUPPORT = MetaData(naming_convention=NAMING)


def key() -> Column[int]:
    """Return a surrogate key that is never given out twice."""
    return Column("id", Integer, primary_key=True)


def link(name: str, target: str, *, primary: bool = False, optional: bool = False) -> Column[int]:
    """Return a foreign key to ``target`` ("table.column"), checked when the transaction ends."""
    reference = ForeignKey(target, deferrable=True, initially="DEFERRED")
    return Column(name, Integer, reference, primary_key=primary, nullable=optional, index=not primary)


def loose_link(name: str, *, primary: bool = False, optional: bool = True) -> Column[int]:
    """Return a number of a row that the database does not check: it may live elsewhere, or be gone already."""
    return Column(name, Integer, primary_key=primary, autoincrement=False, nullable=optional, index=not primary)
