"""Which activities a right may touch, and which ones a person chose. Pure: works on activities, never on data."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.rights.base import (
    ABOUT,
    CAPACITY,
    EVERYTHING,
    UNSURE,
    Activity,
    Allowed,
    Answers,
    Effect,
    Right,
    slugs_of,
)

CONTRACT = "contract"
CONTRACT_COMPANY = "contract-company"
INDIVIDUAL = "individual"
COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a request covers."""

    activities: tuple[Activity, ...]
    everything: bool = False  # the person asked for all of it
    unsure: bool = False  # the person was not sure: for anything but a copy, ask before deciding


def eligible_activities(right: Right, answers: Answers, register: Sequence[Activity]) -> list[tuple[Activity, Allowed]]:
    """Return the activities a person may pick from, in register order, each with whether ``right`` may touch it.

    The two rows of clause 3.2.1 are one entry, ``contract``. As long as the person has not said for whom they act, it
    may be picked when one of the two rows allows it; after that, the row that applies decides.
    """
    rows = {activity.slug: activity for activity in register}
    entries = (each for each in register if not each.consequential and each.slug != CONTRACT_COMPANY)
    return [(each, _verdict(right, each, answers, rows.get(CONTRACT_COMPANY))) for each in entries]


def scope(right: Right, answers: Answers, register: Sequence[Activity]) -> Scope:
    """Return what the answers cover, resolved to rows of the register that ``right`` may touch.

    ``everything`` takes every allowed row, those of clause 3.4 too. ``unsure`` takes every row for a copy and none for
    a change, because nothing is changed on a guess.
    """
    picked = picked_slugs(answers)
    everything, unsure = EVERYTHING in picked, UNSURE in picked
    allowed = [activity for activity in register if right.allowed(activity).yes]
    if everything or (unsure and right.effect is Effect.COLLECT):
        return Scope(tuple(allowed), everything=everything, unsure=unsure)
    wanted = _resolved(picked, answers)
    return Scope(tuple(each for each in allowed if each.slug in wanted), unsure=unsure)


def picked_slugs(answers: Answers) -> frozenset[str]:
    """Return the slugs the person picked, from the question about uses or from the items to correct."""
    if ABOUT in answers:
        return frozenset(slugs_of(answers, ABOUT))
    items = answers.get("items", ())
    return frozenset(item.get("where") or UNSURE for item in items if isinstance(item, dict))


def picked_contract(answers: Answers) -> bool:
    """Say whether the contract was picked, so that the capacity must be asked (3.2.1)."""
    return CONTRACT in picked_slugs(answers)


def _verdict(right: Right, activity: Activity, answers: Answers, company: Activity | None) -> Allowed:
    own = right.allowed(activity)
    if activity.slug != CONTRACT or company is None:
        return own
    for_company = right.allowed(company)
    match answers.get(CAPACITY):
        case "company":
            return for_company
        case "individual":
            return own
        case _:
            return own if own.yes or not for_company.yes else for_company


def _resolved(picked: frozenset[str], answers: Answers) -> frozenset[str]:
    if CONTRACT not in picked:
        return picked
    match answers.get(CAPACITY):
        case "company":
            return picked - {CONTRACT} | {CONTRACT_COMPANY}
        case "individual":
            return picked
        case _:
            return picked | {CONTRACT_COMPANY}
