"""The pages of the conversation, all on one blueprint."""

from portal.intake import (
    adding,
    again,
    card,
    coming_back,
    covering,
    handover,
    keeping,
    opening,
    receipt,
    resuming,
    sending,
    signatures,
    talking,
)
from portal.intake.room import blueprint

__all__ = ["PAGES", "blueprint"]

PAGES = (
    opening,
    handover,
    keeping,
    resuming,
    coming_back,
    talking,
    card,
    covering,
    signatures,
    sending,
    adding,
    receipt,
    again,
)
"""Importing them puts their pages on the blueprint."""
