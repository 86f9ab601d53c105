"""What a person wants: one right with its answers each, several of them in one conversation. Pure, as the script is.

An offer of one right (pause meanwhile, a copy first) becomes a wish of its own, filled in as far as the other tells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.intake.replies import AnswerFault, Context, as_form, validate
from portal.register import Register
from portal.rights import RIGHTS
from portal.rights.base import Answer, Answers, Offer, Right
from portal.words import N_

MOST = len(RIGHTS)
HEADINGS = (
    N_("Your first request"),
    N_("Your second request"),
    N_("Your third request"),
    N_("Your fourth request"),
    N_("Your fifth request"),
    N_("Your sixth request"),
    N_("Your seventh request"),
)


@dataclass(slots=True)
class Wish:
    """One right a person exercises, what they answered to its questions, and half-filled forms by question."""

    right: Right | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    pending: dict[str, dict[str, list[str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An offer that stands open: the number of the wish it goes with, counted from 1, and the offer."""

    number: int
    offer: Offer


def taken(wishes: Sequence[Wish]) -> frozenset[str]:
    """Return the slugs of the rights that are asked."""
    return frozenset(wish.right.slug for wish in wishes if wish.right)


def left(wishes: Sequence[Wish]) -> list[Right]:
    """Return the rights that are not asked yet, in their order."""
    return [right for slug, right in RIGHTS.items() if slug not in taken(wishes)]


def proposals(wishes: Sequence[Wish]) -> list[Proposal]:
    """Return the offers of ``wishes`` that nobody took up, each right once, in the order of the wishes."""
    found: dict[str, Proposal] = {}
    for number, wish in enumerate(wishes, 1):
        for offer in wish.right.offers if wish.right else ():
            if offer.right not in taken(wishes) and offer.when(wish.answers):
                found.setdefault(offer.right, Proposal(number, offer))
    return list(found.values())


def offered(offer: Offer, answers: Answers, register: Register) -> Wish:
    """Return the wish that ``offer`` makes of the answers it goes with.

    An answer that is whole counts as given. What is not lies in the form of its question, which is still asked.
    """
    wish = Wish(RIGHTS[offer.right])
    filled = offer.fill(answers, register.activities)
    for question in RIGHTS[offer.right].questions:
        if question.key not in filled or not question.when(wish.answers):
            continue
        form = as_form(question, filled[question.key])
        try:
            wish.answers[question.key] = validate(question, form, Context(RIGHTS[offer.right], wish.answers, register))
        except AnswerFault:
            wish.pending[question.key] = form
    return wish
