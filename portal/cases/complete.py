"""What a decision letter lacks before it may go: a refusal, also in part, shows its grounds and the ways on (12(4)).

Pure: looks at the letter as it would be sent.
"""

from datetime import date
from enum import StrEnum

from portal.cases.grounds import BURDEN_OURS, ELSEWHERE, REPEATED, WEIGHED, Ground
from portal.cases.letters import DecisionLetter
from portal.cases.lifecycle import Outcome
from portal.cases.remedies import AP, GBA, Remedies
from portal.words import N_

DUTCH = "nl"
ITEM_BY_ITEM = "rectify"  # its letter names what is corrected, item by item


class Gap(StrEnum):
    """Something without which the letter may not go."""

    GROUND = "ground"
    FACTS = "facts"
    REASON = "reason"
    AUTHORITY = "authority"
    COURT = "court"
    PARTS = "parts"
    EARLIER = "earlier"
    EVIDENCE = "evidence"
    BALANCE = "balance"
    OTHERS = "others"

    @property
    def sentence(self) -> str:
        """What staff read."""
        return GAP_SENTENCES[self]


GAP_SENTENCES = {
    Gap.GROUND: N_("Choose the ground of the refusal."),
    Gap.FACTS: N_("Write the facts the ground rests on."),
    Gap.REASON: N_("Write the reason for the person."),
    Gap.AUTHORITY: N_("The letter does not name the authority the person can complain to."),
    Gap.COURT: N_("The letter does not name the court, or the day before which to go there."),
    Gap.PARTS: N_("Choose which part you do not grant."),
    Gap.EARLIER: N_("Name the earlier request that this one repeats. Without one, this ground does not hold."),
    Gap.EVIDENCE: N_("Show why the request is unfounded or excessive: the burden is ours (art. 12(5))."),
    Gap.BALANCE: N_("Our grounds do not weigh more than the situation of the person. So it is granted (art. 21(1))."),
    Gap.OTHERS: N_("Choose which organisation decides about these data."),
}


def gaps(letter: DecisionLetter, residence: str) -> tuple[Gap, ...]:
    """Return what ``letter`` lacks, for a person who lives in ``residence`` (``be``, ``nl``, ``other`` or empty)."""
    refuses = letter.outcome is Outcome.REFUSE or letter.partly
    lacks = {
        Gap.AUTHORITY: GBA not in letter.remedies.authorities
        or (residence == DUTCH and AP not in letter.remedies.authorities),
        Gap.COURT: not letter.remedies.court or not _tells_last_day(letter.remedies, letter.decided_on),
    }
    if refuses:
        lacks |= {
            Gap.PARTS: letter.partly and not letter.parts.refused and letter.right != ITEM_BY_ITEM,
            Gap.GROUND: letter.ground is None,
            Gap.FACTS: not letter.facts.strip(),
            Gap.REASON: not letter.reason.strip(),
            **_of_ground(letter, letter.ground),
        }
    return tuple(gap for gap in Gap if lacks.get(gap))


def _tells_last_day(remedies: Remedies, decided_on: date) -> bool:
    """Whether the last day for the court lies ahead, or it is said that there is none."""
    return bool(remedies.no_last_day) if remedies.court_before is None else remedies.court_before > decided_on


def _of_ground(letter: DecisionLetter, ground: Ground | None) -> dict[Gap, bool]:
    slug, parts = ground.slug if ground else "", letter.parts
    return {
        Gap.EARLIER: slug == REPEATED and not parts.earlier,
        Gap.EVIDENCE: slug in BURDEN_OURS and not parts.evidence.strip(),
        Gap.BALANCE: slug == WEIGHED and not (parts.balance and parts.balance.is_ours),
        Gap.OTHERS: slug == ELSEWHERE and not parts.others,
    }
