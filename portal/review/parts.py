"""What the form of a decision offers and takes besides outcome, ground and words: parts left out, evidence, a balance,
other controllers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.cases.access import answers_of, right_of
from portal.cases.grounds import BURDEN_OURS, ELSEWHERE, REPEATED, WEIGHED
from portal.cases.models import Case
from portal.cases.parts import HEAVIEST, LIGHTEST
from portal.register import Register
from portal.register.model import JointController
from portal.review.earlier import Earlier, earlier_requests
from portal.review.findings import Findings, Line, in_language
from portal.rights.base import Effect, Right
from portal.rights.object import needs_circumstances
from portal.rights.scope import scope
from portal.ui.forms import clean
from portal.words import N_

Form: TypeAlias = Mapping[str, str]
Fault: TypeAlias = tuple[str, str]
More: TypeAlias = dict[str, Any]

PARTLY, NOT_US = "partly", "elsewhere"
"""Outcomes of the form that are a grant with parts left out, and a refusal because another controller decides."""
PREFIXES = ("without-", "other-", "earlier-", "weigh-")
EVIDENCE = "evidence"
NAMES = (EVIDENCE, "ours", "milder", "theirs")
"""The fields of the form that this module reads, by the beginning of their name and by name."""
YES = "yes"
LONGEST = 5000

ALL_LEFT_OUT = N_("You leave out everything: refuse instead.")
LEFT_OUT = N_("You leave something out: choose “Grant in part”.")
NOT_REPEATED = N_("Name the earlier request that this one repeats. Without one, this ground does not hold.")
SHOW_IT = N_("Show why the request is unfounded or excessive: the burden is ours (art. 12(5)).")
WEIGH = N_("Say what each side weighs.")
OURS = N_("Write the compelling grounds. They are ours to show, not the person's.")
MILDER = N_("Write why no milder way serves the same end.")
THEIRS = N_("Write what in the situation of the person you weighed.")
GRANT_IT = N_("Our grounds do not weigh more than the situation of the person. So it is granted (art. 21(1)).")
NO_REASON = N_("For this use the person needs no reason (4.1): no ground of ours can weigh more. Grant it.")
WHICH_OTHER = N_("Choose which organisation decides about these data.")


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of a request that a grant may leave out: an activity, or one collection in it."""

    name: str  # of its field
    slug: str  # of the activity, or key of the collection
    title: Any  # text or texts by language
    rows: int | None = None
    collections: tuple["Choice", ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """What the form offers for one case."""

    effect: Effect
    choices: tuple[Choice, ...]
    others: tuple[JointController, ...]
    earlier: tuple[Earlier, ...]
    weighs: bool  # an objection whose circumstances are weighed


def offered(session: Session, case: Case, findings: Findings) -> Offered:
    """Return what the form of ``case`` offers."""
    register: Register = session.info["register"]
    right, answers = right_of(case), answers_of(session, case)
    rows = {row.slug: row for row in register.rows}
    asked = [each.slug for each in scope(right, answers, register.activities).activities]
    named = {other.slug: other for slug in (*asked, *rows) for other in rows[slug].joint_controllers}
    return Offered(
        effect=right.effect,
        choices=_choices(right, findings, asked, register),
        others=tuple(named.values()),
        earlier=earlier_requests(session, case),
        weighs=right.effect is Effect.OBJECT and needs_circumstances(answers),
    )


def _choices(right: Right, findings: Findings, asked: Sequence[str], register: Register) -> tuple[Choice, ...]:
    """Return activities with their collections; for a flag, which is not about single collections, only activities."""
    if right.effect is Effect.RECTIFY:
        return ()  # each item has a choice of its own
    by_rows = right.effect in {Effect.COLLECT, Effect.ERASE}
    lines = [line for line in findings.preview if line.key and not line.stays] if by_rows else []
    found: dict[str, dict[str, Choice]] = {}
    for line in lines:
        there = found.setdefault(line.activity, {})
        before = there[line.key].rows or 0 if line.key in there else 0
        there[line.key] = Choice(f"without-{line.key}", line.key, line.title, before + line.rows)
    slugs = [row.slug for row in register.rows if row.slug in (found if by_rows else asked)]
    return tuple(
        Choice(f"without-{slug}", slug, register.row(slug).texts["title"], None, tuple(found.get(slug, {}).values()))
        for slug in slugs
    )


def read_more(form: Form, offer: Offered, outcome: str, ground: str | None, language: str, faults: list[Fault]) -> More:
    """Return what the form says beyond outcome, ground and words, as a decision keeps it.

    Args:
        form: what was sent.
        offer: what it offered.
        outcome: as the form names it.
        ground: slug of the ground that counts for this outcome; None where none does.
        language: of the letter.
        faults: where what is missing is written down.
    """
    more = _read_without(form, offer, outcome, language, faults)
    if others := [each for each in offer.others if form.get(f"other-{each.slug}") == YES]:
        more["others"] = [
            {"slug": each.slug, "name": each.name, "contact": each.contact, "about": each.text(language)}
            for each in others
        ]
    if ground == ELSEWHERE and not others:
        faults.append((_first(offer.others, "other"), _(WHICH_OTHER)))
    if ground in BURDEN_OURS:
        more |= read_burden(form, offer.earlier, ground or "", faults)
    if ground == WEIGHED:
        more["balance"] = _read_balance(form, offer, faults)
    return more


def read_burden(form: Form, earlier: Sequence[Earlier], ground: str, faults: list[Fault]) -> More:
    """Return the evidence for a ground whose burden is ours (12(5)): earlier requests that carry it, and words."""
    named = [each for each in earlier if each.supports and form.get(f"earlier-{each.case.reference}") == YES]
    evidence = _words(form, EVIDENCE, SHOW_IT, faults)
    if ground == REPEATED and not named:
        faults.append((_first([each for each in earlier if each.supports], "earlier"), _(NOT_REPEATED)))
    return {"earlier": [each.kept for each in named], "evidence": evidence}


def presets_of(content: Mapping[str, Any]) -> dict[str, str]:
    """Return what the fields of the form hold where a decision with this opened content is written again."""
    without, balance = content.get("without") or {}, content.get("balance") or {}
    ticked = [f"without-{slug}" for slug in (*without.get("activities", ()), *without.get("collections", ()))]
    ticked += [f"other-{each['slug']}" for each in content.get("others", ())]
    ticked += [f"earlier-{each['reference']}" for each in content.get("earlier", ())]
    texts = {name: str(balance.get(name, "")) for name in ("ours", "milder", "theirs")}
    weights = {f"weigh-{side}": str(balance.get(f"{side}_weight", "")) for side in ("our", "their")}
    return {**dict.fromkeys(ticked, YES), **texts, **weights, EVIDENCE: str(content.get("evidence", ""))}


def is_left_out(line: Line, more: Mapping[str, Any]) -> bool:
    """Return whether the decision leaves out what ``line`` counts."""
    without = more.get("without") or {}
    return line.key in without.get("collections", ()) or line.activity in without.get("activities", ())


def _read_without(form: Form, offer: Offered, outcome: str, language: str, faults: list[Fault]) -> More:
    activities = [each for each in offer.choices if form.get(each.name) == YES]
    single = [
        each
        for activity in offer.choices
        if activity not in activities
        for each in activity.collections
        if form.get(each.name) == YES
    ]
    left_out = bool(activities or single)
    if outcome != PARTLY:
        if outcome == "grant" and left_out:
            faults.append(("outcome", _(LEFT_OUT)))
        return {}
    kept = [each for each in offer.choices if each not in activities]
    if not left_out:
        faults += [(_first(offer.choices, "without"), _("Choose which part you do not grant."))] * bool(offer.choices)
        return {}
    if not any(not each.collections or any(part not in single for part in each.collections) for each in kept):
        faults.append((offer.choices[0].name, _(ALL_LEFT_OUT)))
    counted = {activity.slug: activity.collections or (activity,) for activity in activities}
    refused = [each for group in counted.values() for each in group] + single
    more: More = {
        "without": {"activities": [each.slug for each in activities], "collections": [each.slug for each in single]},
        "refused": [{"title": in_language(each.title, language), "rows": each.rows} for each in refused],
    }
    if offer.effect not in {Effect.COLLECT, Effect.ERASE}:
        more["granted"] = [{"title": in_language(each.title, language), "rows": None} for each in kept]
    return more


def _read_balance(form: Form, offer: Offered, faults: list[Fault]) -> More:
    """Return the balance of an objection. It starts on the side of the person, and an even one stays there."""
    if not offer.weighs:
        faults.append(("ground", _(NO_REASON)))
    said: More = {
        "ours": _words(form, "ours", OURS, faults),
        "milder": _words(form, "milder", MILDER, faults),
        "theirs": _words(form, "theirs", THEIRS, faults),
    }
    for side in ("our", "their"):
        weight = form.get(f"weigh-{side}", "")
        if weight not in {str(each) for each in range(LIGHTEST, HEAVIEST + 1)}:
            faults.append((f"weigh-{side}", _(WEIGH)))
        said[f"{side}_weight"] = int(weight) if weight.isdecimal() and len(weight) == 1 else 0
    if said["our_weight"] and said["our_weight"] <= said["their_weight"]:
        faults.append(("weigh-our", _(GRANT_IT)))
    return said


def _words(form: Form, name: str, missing: str, faults: list[Fault]) -> str:
    text = clean(form.get(name))
    if not text:
        faults.append((name, _(missing)))
    elif len(text) > LONGEST:
        faults.append((name, _("Use at most %(count)d characters.", count=LONGEST)))
    return text


def _first(listed: Sequence[Any], prefix: str) -> str:
    """Return the id of the first field of a list; the field of the ground where the list is empty."""
    if not listed:
        return "ground"
    first = listed[0]
    return str(first.name if isinstance(first, Choice) else f"{prefix}-{_key(first)}")


def _key(listed: Any) -> str:
    return str(listed.case.reference if isinstance(listed, Earlier) else listed.slug)
