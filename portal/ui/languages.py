"""Which language this answer is in, and how its dates and numbers are written. Nothing about translating."""

from babel import Locale
from flask_babel import get_locale

from portal.config import LANGUAGES

# In a path: ``@blueprint.get(f"/{LANGUAGE_IN_PATH}/safety")``.
LANGUAGE_IN_PATH = f"<any({','.join(LANGUAGES)}):language>"

# English here is the English of Europe: 22 November 2026, not November 22, 2026.
_FORMATS = {"en": Locale("en", "GB")}


def current_language() -> str:
    """Return the code of the language of this answer, one of ``LANGUAGES``."""
    locale = get_locale()
    code = str(locale.language) if locale else ""
    return code if code in LANGUAGES else next(iter(LANGUAGES))


def format_locale() -> Locale:
    """Return the locale that dates and numbers of this answer are written in."""
    code = current_language()
    return _FORMATS.get(code) or Locale(code)
