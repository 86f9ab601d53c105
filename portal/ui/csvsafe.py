"""Writes cells that no spreadsheet runs, in a way that can be undone exactly. Pure.

The rule, told to the person in README.txt: an apostrophe in front of a cell is not part of the text. A cell gets one
when a spreadsheet might take it for a formula, when it already starts with an apostrophe, and when it is an empty text
(an empty cell means that there is no value). Numbers below zero are covered too.
"""

import unicodedata

APOSTROPHE = "'"
DANGEROUS = frozenset("=+-@")
BREAKS = frozenset("\t\r\n")
_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def safe(text: str | None) -> str:
    """Return ``text`` as a cell; None, no value, is the empty cell."""
    if text is None:
        return ""
    if not text or text.startswith(APOSTROPHE) or _runs(text):
        return APOSTROPHE + text
    return text


def unsafe(cell: str) -> str | None:
    """Return what ``safe`` was given: one apostrophe in front is taken away, the empty cell is no value."""
    if not cell:
        return None
    return cell[1:] if cell.startswith(APOSTROPHE) else cell


def _runs(text: str) -> bool:
    """Return whether a spreadsheet might run ``text``: full-width and other twins of the signs count, spaces do not."""
    if text[0] in BREAKS:
        return True
    for character in text:
        plain = unicodedata.normalize("NFKC", character).strip()
        if not plain or unicodedata.category(character) in _INVISIBLE:
            continue
        return plain[0] in DANGEROUS
    return False
