"""The pages of the conversation, all on one blueprint."""

from portal.intake import again, card, covering, opening, sending, signatures, talking
from portal.intake.room import blueprint

__all__ = ["PAGES", "blueprint"]

PAGES = (opening, talking, card, covering, signatures, sending, again)  # importing them puts their pages on it
