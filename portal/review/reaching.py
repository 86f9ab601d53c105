"""How a person who asks by telephone, letter or at the counter is reached, and what they showed there."""

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.cases.arrivals import DOCUMENTS
from portal.cases.by_post import LONGEST_ADDRESS, MOST_LINES
from portal.cases.models import Channel
from portal.review.forms import Fault
from portal.ui.forms import clean, is_address, one_line

BY_MAIL, BY_POST = "mail", "post"
LONGEST = 254


def read_reach(form: Mapping[str, str], faults: list[Fault]) -> dict[str, str]:
    """Return the name with the mail address, or for who has none the postal address, as the form says them."""
    contact = {"name": one_line(form.get("name"))[:LONGEST]}
    if not contact["name"]:
        faults.append(("name", _("Write the name of the person.")))
    if form.get("reach") == BY_POST:
        return contact | {"address": _postal(form, faults)}
    contact["email"] = one_line(form.get("email"))[:LONGEST]
    if not is_address(contact["email"]):
        faults.append(("email", _("Write one whole mail address.")))
    return contact


def read_seen(form: Mapping[str, str], channel: Channel | None, faults: list[Fault]) -> str:
    """Return which kind of document was shown at the counter; empty where none was."""
    seen = form.get("seen", "")
    if seen and channel is not Channel.COUNTER:
        faults.append(("seen", _("Only at the counter somebody can show a card.")))
    return seen if seen in DOCUMENTS else ""


def _postal(form: Mapping[str, str], faults: list[Fault]) -> str:
    lines = [line for each in clean(form.get("address")).split("\n") if (line := one_line(each))]
    address = "\n".join(lines)
    if not lines:
        faults.append(("address", _("Write the postal address.")))
    if len(lines) > MOST_LINES or len(address) > LONGEST_ADDRESS:
        faults.append(("address", _("Use at most four lines, as on an envelope.")))
    return address
