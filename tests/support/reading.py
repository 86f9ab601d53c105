"""What a person reads on a page: without the marks that only say where a long word may break."""

import re


def unbroken(page: str) -> str:
    """Return ``page`` with its mail addresses in one piece, as ``portal.ui.filters.breakable`` found them."""
    return re.sub(r'<span class="mail">(.*?)</span>', r"\1", page).replace("<wbr>", "")
