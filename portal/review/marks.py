"""The marked places of a letter, where the reviewer writes in their own words. All the rest follows from the decision.

What is written there is sealed with the decision, as one of its versions; a later version has words of its own.
"""

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.review.forms import FormFault
from portal.ui.forms import clean
from portal.words import N_

LONGEST_MARK = 2000
OPENING, REASON, CLOSING = "opening", "reason", "closing"
PLACES = {OPENING: N_("Opening"), REASON: N_("Reason"), CLOSING: N_("Closing")}


def read_marks(form: Mapping[str, str]) -> dict[str, object]:
    """Return opening and closing as they were written; the reason is part of the decision itself.

    Raises:
        FormFault: one of them is too long.
    """
    marks = {place: clean(form.get(place)) for place in (OPENING, CLOSING)}
    too_long = _("Use at most %(count)d characters.", count=LONGEST_MARK)
    if faults := [(place, too_long) for place, text in marks.items() if len(text) > LONGEST_MARK]:
        raise FormFault(faults)
    return dict(marks)
