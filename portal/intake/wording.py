"""Answers as a person reads them, for the conversation: made in ``register.reading``, which the desk uses too."""

from portal.register.reading import NOT_GIVEN, PERIOD_FIELDS, Words, readable

__all__ = ["NOT_GIVEN", "PERIOD_FIELDS", "Words", "readable"]
