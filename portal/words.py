"""Marks for words that people read. Ground floor: knows nothing of Flask, so pure modules may use it."""


def N_(text: str) -> str:
    """Mark ``text`` (English source) for the catalogues; it is translated where it is shown."""
    return text
