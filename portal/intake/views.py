"""The pages of the conversation, all on one blueprint."""

from portal.intake import again, card, covering, handover, opening, sending, talking
from portal.intake.room import blueprint

__all__ = ["PAGES", "blueprint"]

PAGES = (opening, handover, talking, card, covering, sending, again)  # importing them puts their pages on the blueprint
