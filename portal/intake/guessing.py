"""What the portal makes of a person's own words: a guess to confirm, never more. Pure; reads no text itself.

The understanding reads; this says which suggestions are worth showing, what to say, and which turns to fill in
beforehand. Nothing here counts as an answer before the person presses a button.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from portal.intake import script
from portal.intake.replies import Context, input_name
from portal.rights import RIGHTS
from portal.rights.base import ABOUT, EVERYTHING, SOME, Effect, Input, Kind, Question
from portal.rights.scope import eligible_activities
from portal.understanding import Hints, Reading
from portal.words import N_

ACCOUNT = "account"
MOST = 2  # suggestions at once
WORTH = 0.2  # a second suggestion below this would only confuse
BESIDE = {"complaint": 0.01, "helpdesk": 0.25, "other": 0.25}
"""Beside these a right is shown already when it is this likely."""
SURE = 0.35  # below this nothing is suggested: the seven are shown instead
PERSON_AFTER = 2  # readings that led nowhere, until a person is offered


class Route(StrEnum):
    """Where a message belongs that asks for none of the rights. What is vague has the seven shown."""

    LOGIN = "login"
    HELPDESK = "helpdesk"
    OTHERS = "others"
    DECEASED = "deceased"
    COMPLAINT = "complaint"
    OTHER = "other"


GUESSES = {
    "access": N_("You want to see what we have on you. Is that right?"),
    "rectify": N_("You want something corrected. Is that right?"),
    "erase": N_("You want data deleted. Is that right?"),
    "restrict": N_("You want us to pause the use of your data. Is that right?"),
    "object": N_("You want us to stop a certain use. Is that right?"),
    "port": N_("You want to take your data elsewhere. Is that right?"),
    "withdraw": N_("You want to take back a permission. Is that right?"),
}
ONE_OF_THESE = N_("Do you mean one of these?")
IN_ONE_GO = N_("You ask more than one thing. Shall we do it in one go?")
ROUTED = {
    Route.LOGIN: N_("This is about signing in."),
    Route.HELPDESK: N_("This is a question for the helpdesk."),
    Route.OTHERS: N_("This is about somebody else."),
    Route.DECEASED: N_("We are sorry for your loss."),
    Route.COMPLAINT: N_("This sounds like a complaint."),
    Route.OTHER: N_("We think this is not about your own data."),
}
UNSURE = N_("We are not sure. Choose what fits best.")


@dataclass(frozen=True, slots=True)
class Named:
    """What a message, or the part of it that asks one right, is about: single uses, or everything."""

    activities: tuple[str, ...] = ()
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """What the words may mean. ``misses`` counts the readings in this conversation that led to no suggestion."""

    suggestions: tuple[str, ...] = ()  # slugs of rights, the likeliest first
    several: tuple[str, ...] = ()  # slugs of rights that were asked together
    route: Route | None = None
    named: Named = Named()
    sides: tuple[tuple[str, Named], ...] = ()  # the same for each of several rights, of its own part of the words
    email: str = ""
    misses: int = 0
    beside: str = ""  # slug of the right that a complaint may ask too

    @property
    def sentence(self) -> str:
        """What the portal says to the words: an English source string."""
        if self.several:
            return IN_ONE_GO
        if self.route:
            return ROUTED[self.route]
        if len(self.suggestions) > 1:
            return ONE_OF_THESE
        return GUESSES[self.suggestions[0]] if self.suggestions else UNSURE

    def named_for(self, slug: str) -> Named:
        """Return what was named for the right ``slug``: of several, what its own part of the words named."""
        return dict(self.sides).get(slug, Named()) if self.sides else self.named

    @property
    def offers_person(self) -> bool:
        """Whether a person is offered, because the portal understood nothing more than once."""
        return self.misses >= PERSON_AFTER


def guess_of(reading: Reading | None, before: Guess | None) -> Guess:
    """Return what to make of ``reading``; None is what an absent understanding says.

    Args:
        reading: of the words as they are now.
        before: the guess that the words before these led to, in this conversation.
    """
    misses = before.misses if before else 0
    if reading is None:
        return Guess(misses=misses)
    known = Guess(named=_named(reading.hints), email=reading.hints.email, misses=misses)
    several = tuple(slug for slug in reading.several if slug in RIGHTS)
    if len(several) > 1:
        return replace(known, several=several, sides=tuple((slug, _named(told)) for slug, told in reading.sides))
    if reading.route in set(Route):
        return replace(known, route=Route(reading.route), beside=_beside(reading))
    suggestions = () if reading.route else _suggestions(reading.ranking)
    return replace(known, suggestions=suggestions, misses=misses + (not suggestions))


def of_the_dead(guess: Guess) -> Guess:
    """Return ``guess`` for words about somebody who died: no right is theirs, whatever the words look like."""
    return Guess(route=Route.DECEASED, email=guess.email, misses=guess.misses)


def prefilled(question: Question, context: Context, guess: Guess) -> dict[str, list[str]]:
    """Return the form of ``question`` as far as the person's words tell; empty where they tell nothing of it."""
    if question.key == script.CONTACT.key:
        return {input_name(question, "email"): [guess.email]} if guess.email else {}
    told = guess.named_for(context.right.slug)
    if told.everything and question.key == ABOUT and EVERYTHING in {option.slug for option in question.options}:
        return {ABOUT: [EVERYTHING]}
    named = _allowed(context, told.activities)
    if not named:
        return {}
    if question.kind is Kind.ACTIVITIES and question.key == ABOUT:
        general = [SOME] if SOME in {option.slug for option in question.options} else []
        return {ABOUT: [*general, *named]}
    places = [each.key for each in question.fields if each.input is Input.ACTIVITY]
    if question.kind is Kind.ITEMS and places and len(named) == 1:
        return {input_name(question, places[0], 0): list(named)}
    return {}


def pack_guess(guess: Guess | None) -> dict[str, object] | None:
    """Return ``guess`` as plain values for JSON."""
    if guess is None:
        return None
    return {
        "suggestions": list(guess.suggestions),
        "several": list(guess.several),
        "route": guess.route.value if guess.route else "",
        "named": _pack_named(guess.named),
        "sides": [[slug, _pack_named(named)] for slug, named in guess.sides],
        "email": guess.email,
        "misses": guess.misses,
        "beside": guess.beside,
    }


def unpack_guess(packed: Mapping[str, object] | None) -> Guess | None:
    """Return the guess that :func:`pack_guess` packed."""
    if packed is None:
        return None
    return Guess(
        _slugs(packed["suggestions"]),
        _slugs(packed["several"]),
        Route(str(packed["route"])) if packed["route"] else None,
        _unpack_named(packed.get("named", packed.get("activities"))),
        tuple((str(slug), _unpack_named(named)) for slug, named in _pairs(packed.get("sides"))),
        str(packed["email"]),
        int(str(packed["misses"])),
        str(packed.get("beside", "")),
    )


def _named(hints: Hints) -> Named:
    return Named(hints.activities, hints.everything)


def _pack_named(named: Named) -> list[str]:
    return [EVERYTHING] if named.everything else list(named.activities)


def _unpack_named(packed: object) -> Named:
    slugs = _slugs(packed)
    return Named(everything=True) if slugs == (EVERYTHING,) else Named(slugs)


def _beside(reading: Reading) -> str:
    """Return the right that a complaint may ask too: who demands something under threat still demands it (12(2)).

    A question for the helpdesk that may be one (invoices to be deleted) has it beside too.
    """
    least = BESIDE.get(reading.route)
    if least is None:
        return ""
    return next((name for name, score in reading.ranking if name in RIGHTS and score >= least), "")


def _suggestions(ranking: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    rights = [(slug, score) for slug, score in ranking if slug in RIGHTS]
    if not rights or rights[0][1] < SURE:
        return ()
    return tuple(slug for place, (slug, score) in enumerate(rights[:MOST]) if place == 0 or score >= WORTH)


def _allowed(context: Context, activities: Sequence[str]) -> tuple[str, ...]:
    open_ones = {
        activity.slug
        for activity, verdict in eligible_activities(context.right, context.answers, context.register.activities)
        if verdict.yes
    }
    if context.right.effect is Effect.ERASE:  # who closes an account means all of it (5.3), not that one use
        open_ones.discard(ACCOUNT)
    return tuple(slug for slug in activities if slug in open_ones)


def _pairs(packed: object) -> list[tuple[object, object]]:
    return [(pair[0], pair[1]) for pair in packed] if isinstance(packed, list) else []


def _slugs(packed: object) -> tuple[str, ...]:
    return tuple(str(slug) for slug in packed) if isinstance(packed, list) else ()
