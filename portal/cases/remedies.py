"""Where a person can go who does not agree, and until when: by country of residence (Art. 12(4), 77 and 79).

Only days that a law sets are named; where it sets none, that is said, with the day of the answer.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.words import N_

COURT_WEEKS_NL = 6


@dataclass(frozen=True, slots=True)
class Authority:
    """A body one can complain to; its site may have an address for each language."""

    name: str
    url: str


GBA = Authority(N_("the Belgian Data Protection Authority (GBA/APD)"), N_("https://www.dataprotectionauthority.be"))
AP = Authority(N_("the Dutch Data Protection Authority (AP)"), "https://www.autoriteitpersoonsgegevens.nl")
OTHERS = Authority(N_("the authority of the country where you live or work"), "https://www.edpb.europa.eu")

TO_GBA = N_("Write to the GBA with date and signature (Act of 3 December 2017, art. 58). Use Dutch, French or German.")
RECHTBANK = N_("You can ask the district court (rechtbank) to decide (UAVG art. 35).")
PRESIDENT = N_("You can go to the president of the court of first instance (Act of 30 July 2018, art. 209).")
ANYWHERE = N_("You can go to court where you live (art. 79 GDPR), or in Belgium (Act of 30 July 2018, art. 209).")
NO_DAY_BE = N_("That article sets no last day.")
NO_DAY_ELSEWHERE = N_("Those articles set no last day; the law of your country may set one.")
NO_DAY_LATE = N_("We did not answer within the term. So the law sets no last day (UAVG art. 35(2)).")


@dataclass(frozen=True, slots=True)
class Remedies:
    """Where a person can go, sentences as source strings.

    Attributes:
        authorities: whom they can complain to.
        court: which court, by which article.
        court_before: the last day to go there; None where no law sets one, or where nothing was answered yet.
        complaint: how a complaint is made.
        no_last_day: what is said instead of a last day.
        answered_on: the day of our answer, from which terms count; None before it.
    """

    authorities: tuple[Authority, ...]
    court: str
    court_before: date | None
    complaint: str = ""
    no_last_day: str = ""
    answered_on: date | None = None


def remedies(residence: str, answered_on: date | None = None, *, late: bool = False) -> Remedies:
    """Return the remedies for somebody who lives in ``residence`` (``be``, ``nl``, ``other`` or empty).

    Sources: Art. 77 GDPR (residence, place of work or place of the infringement) and 79(2) (courts). Belgium: Act of
    30 July 2018, art. 209 (president of the court of first instance, as in summary proceedings; no term), Act of
    3 December 2017, art. 58 ff. (complaint). The Netherlands: UAVG art. 35(2), six weeks after the answer is received,
    counted here from its day, which is never too late; no term where nothing was answered in time.

    Args:
        residence: country.
        answered_on: the day of our answer; None before it.
        late: whether the term of Art. 12(3) ended before we answered.
    """
    if residence == "nl":
        weeks = timedelta(weeks=COURT_WEEKS_NL)
        before = answered_on + weeks if answered_on and not late else None
        return Remedies((AP, GBA), RECHTBANK, before, TO_GBA, NO_DAY_LATE if late else "", answered_on)
    if residence == "be":
        return Remedies((GBA,), PRESIDENT, None, TO_GBA, NO_DAY_BE, answered_on)
    return Remedies((OTHERS, GBA), ANYWHERE, None, TO_GBA, NO_DAY_ELSEWHERE, answered_on)
