"""People half-way through the conversation, for the tests of the pages."""

from tests.support.walks import at_check, at_identity, demo_app, walk

__all__ = ["at_check", "at_identity", "demo_app", "walk"]
