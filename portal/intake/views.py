"""The pages of the conversation, all on one blueprint."""

from portal.intake import adding, again, card, covering, opening, receipt, sending, talking
from portal.intake.room import blueprint

__all__ = ["PAGES", "blueprint"]

PAGES = (opening, talking, card, covering, sending, adding, receipt, again)
"""Importing them puts their pages on the blueprint."""
