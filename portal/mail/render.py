"""From a folder of three templates to one message: subject, plain text, HTML. Needs an app context."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from flask import current_app
from flask_babel import force_locale, gettext

from portal.clock import now
from portal.config import LANGUAGES, Settings
from portal.mail.outbox import Facts
from portal.ui.forms import is_address


def render(settings: Settings, letter: str, language: str, address: str, facts: Facts, message_id: str) -> EmailMessage:
    """Return the message for ``letter`` in ``language`` to ``address``.

    Args:
        settings: controller, sender and base URL.
        letter: folder under ``templates/mail`` holding ``subject.txt``, ``body.txt`` and ``body.html``.
        language: language of the reader.
        address: one address, checked when it was taken in.
        facts: what the templates show.
        message_id: the same for every attempt, so that a second copy is known as one.

    Raises:
        ValueError: the address is not one plain address, or the subject would add a header.
    """
    if not is_address(address):
        raise ValueError("not one plain mail address")
    values = {
        **_with_dates(facts),
        "base_url": settings.base_url,
        "controller": settings.controller,
        "language": language,
        "elsewhere": [(code, name, _speaking(code)) for code, name in LANGUAGES.items() if code != language],
    }
    with force_locale(language):
        subject = _fill(f"mail/{letter}/subject.txt", **values).strip()
        text = _fill(f"mail/{letter}/body.txt", **values)
        html = _fill(f"mail/{letter}/body.html", subject=subject, **values)
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = Address(display_name=f"{settings.controller.product} privacy", addr_spec=settings.mail_from)
    message["To"] = Address(addr_spec=address)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{message_id}@{settings.mail_from.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    message["Content-Language"] = language  # after the content: setting that drops every Content- header
    return message


def _speaking(language: str) -> Callable[[str], str]:
    """Return what says a source string in ``language``, for a letter to somebody whose language nobody knows."""

    def say(text: str) -> str:
        with force_locale(language):
            return str(gettext(text))

    return say


def _with_dates(facts: Facts) -> dict[str, object]:
    """Return ``facts`` with every ``..._on`` as a date, for the reader's own way of writing one; in lists too."""
    return {name: _fact(name, fact) for name, fact in facts.items()}


def _fact(name: str, fact: str | Sequence[Mapping[str, str]]) -> object:
    if not isinstance(fact, str):
        return [_with_dates(each) for each in fact]
    return date.fromisoformat(fact) if name.endswith("_on") else fact


def _fill(template: str, **values: object) -> str:
    """Fill ``template`` without what pages bring (links of the visit): a letter is written where nobody visits."""
    return current_app.jinja_env.get_template(template).render(**values)
