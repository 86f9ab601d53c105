"""The two made-up databases as a whole: importing this module fills both catalogues. Columns stand in ``schema_*``."""

from sqlalchemy import Engine

from portal.demo.medbook import schema_business, schema_people, schema_portfolio, schema_support
from portal.demo.medbook.schema_base import MEDBOOK, SUPPORT

__all__ = ["MEDBOOK", "SUPPORT", "create_medbook", "create_support"]

PARTS = (schema_people, schema_portfolio, schema_business, schema_support)


def create_medbook(engine: Engine) -> None:
    """Create the missing tables of the main database."""
    MEDBOOK.create_all(engine)


def create_support(engine: Engine) -> None:
    """Create the missing tables of the helpdesk's database."""
    SUPPORT.create_all(engine)
