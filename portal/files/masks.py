"""Which parts of the picture of a card are covered: presets, boxes by numbers, and what is still open. Pure.

Places are percent of the picture's width and height, from its upper left corner. Nothing here touches pixels.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.words import N_

MAX_BOXES = 8
SIDES = ("left", "top", "width", "height")


class Part(StrEnum):
    """What a box covers."""

    PHOTO = "photo"
    NUMBER = "number"


LEAST = {Part.PHOTO: (12, 16), Part.NUMBER: (14, 3)}
"""Width and height from which a rectangle can hide its part, in per cent of the picture; ``mask.js`` has the same."""
LEAST_CARD = (25, 20)
"""Width and height from which the outline of a card says how large its parts are; a smaller one says nothing."""
ENOUGH, NARROWEST = 0.6, 0.5
"""Share of the area, and of each side, of the place on a known card that a rectangle for it has at least."""
PART_TITLES = {Part.PHOTO: N_("The photo"), Part.NUMBER: N_("A number")}


@dataclass(frozen=True, slots=True)
class Cover:
    """One rectangle and what it hides."""

    part: Part
    left: float
    top: float
    width: float
    height: float

    def hides(self, card: "Outline | None") -> bool:
        """Say whether it is as large as its part is: on ``card`` where that is known, else on any readable card."""
        place = card.place_of(self.part) if card else None
        if place is None:
            width, height = LEAST[self.part]
            return self.width >= width and self.height >= height
        sides = self.width >= NARROWEST * place[0] and self.height >= NARROWEST * place[1]
        return sides and self.width * self.height >= ENOUGH * place[0] * place[1]


@dataclass(frozen=True, slots=True)
class Outline:
    """How large a card of a known kind lies on the picture, as the person fitted it."""

    kind: str
    width: float
    height: float

    def place_of(self, part: Part) -> tuple[float, float] | None:
        """Return width and height of ``part`` on this card, in per cent of the picture; None where that is unknown."""
        if self.width < LEAST_CARD[0] or self.height < LEAST_CARD[1]:
            return None
        covers = [PRESETS[slug].cover for slug in STENCILS[self.kind][1]]
        found = next((each for each in covers if each.part is part), None)
        return (found.width * self.width / 100, found.height * self.height / 100) if found else None


@dataclass(frozen=True, slots=True)
class Preset:
    """A place where cards carry a photo or a number."""

    slug: str
    label: str
    hint: str
    cover: Cover


PRESETS: dict[str, Preset] = {
    each.slug: each
    for each in (
        Preset(
            "photo-left",
            N_("Photo on the left"),
            N_("Dutch cards, and Belgian cards since 2020."),
            Cover(Part.PHOTO, 4, 22, 31, 60),
        ),
        Preset(
            "photo-right",
            N_("Photo on the right"),
            N_("Belgian cards from before 2020."),
            Cover(Part.PHOTO, 66, 22, 31, 60),
        ),
        Preset("number-top", N_("Number at the top right"), "", Cover(Part.NUMBER, 52, 4, 45, 17)),
        Preset("number-low", N_("Number beside the photo, in the lower half"), "", Cover(Part.NUMBER, 36, 63, 61, 20)),
        Preset("number-bottom", N_("Number along the bottom"), "", Cover(Part.NUMBER, 3, 83, 94, 14)),
    )
}

STENCILS: dict[str, tuple[str, tuple[str, ...]]] = {
    "be": (N_("Belgian card"), ("photo-left", "number-low")),
    "be-old": (N_("Belgian card from before 2020"), ("photo-right", "number-bottom")),
    "nl": (N_("Dutch card"), ("photo-left", "number-top")),
}
"""Buttons that choose the usual places at once: slug to label and presets."""


COVER_PHOTO = N_("Cover the photo on the card: choose a place for it, or draw a box by numbers.")
DRAW_PHOTO = N_("The photo still shows. Choose your kind of card, or drag a box over the photo.")
"""The same where a script is: the boxes are drawn there, and numbers are one way of several."""
COVER_NUMBER = N_("Cover every number, or tick that you see no number on this side.")
LARGER_PHOTO = N_("The box over the photo is too small. Make it larger, until the whole photo is black.")
LARGER_NUMBER = N_("The box over the number is too small. Make it larger, until the whole number is black.")
NOT_A_PLACE = N_("Enter a number from 0 to 100.")
NO_SIZE = N_("Give this box a width and a height above 0.")


def places() -> list[tuple[str, str, list[Cover]]]:
    """Return each stencil's slug, label (a source string) and places, in percent of the card."""
    return [(slug, label, [PRESETS[each].cover for each in presets]) for slug, (label, presets) in STENCILS.items()]


@dataclass(frozen=True, slots=True)
class Mask:
    """What is to be covered; ``card`` is known where a stencil was fitted, and not kept.

    ``no_photo``: none shows; only the desk may say so, of a copy that its sender covered.
    """

    presets: tuple[str, ...] = ()
    covers: tuple[Cover, ...] = ()
    no_number: bool = False
    no_photo: bool = False
    card: Outline | None = None

    @property
    def all_covers(self) -> tuple[Cover, ...]:
        """Every rectangle to paint, presets first."""
        return (*(PRESETS[slug].cover for slug in self.presets), *self.covers)

    def open_parts(self) -> dict[str, str]:
        """Return what still shows: id of the input to the sentence that says what to do. Empty means covered."""
        # A place that was chosen is covered whole; how large the card is says only what a box of one's own needs.
        whole = {PRESETS[slug].cover.part for slug in self.presets}
        hidden = whole | {cover.part for cover in self.covers if cover.hides(self.card)}
        tried = {cover.part for cover in self.covers}
        faults: dict[str, str] = {}
        if Part.PHOTO not in hidden and not self.no_photo:
            faults["preset"] = LARGER_PHOTO if Part.PHOTO in tried else COVER_PHOTO
        if Part.NUMBER not in hidden and not self.no_number:
            faults["no-number"] = LARGER_NUMBER if Part.NUMBER in tried else COVER_NUMBER
        return faults


def read_mask(form: Mapping[str, Sequence[str]], *, by_desk: bool = False) -> tuple[Mask, dict[str, str]]:
    """Return the mask that ``form`` describes, and a sentence for each input that is not right.

    Args:
        form: what was sent, several values a name.
        by_desk: whether it may say that no photo shows.
    """
    faults: dict[str, str] = {}
    if form.get("stencil"):
        presets = list(STENCILS.get(form["stencil"][0], ("", ()))[1])
    else:
        presets = [slug for slug in PRESETS if slug in form.get("preset", ())]
    covers = [cover for index in range(MAX_BOXES) if (cover := _read_cover(form, index, faults))]
    no_photo = by_desk and bool(form.get("no-photo"))
    return Mask(tuple(presets), tuple(covers), bool(form.get("no-number")), no_photo, _read_outline(form)), faults


def box_name(index: int, key: str) -> str:
    """Return the name of an input of the box at ``index``: ``box-0-left``."""
    return f"box-{index}-{key}"


def pack_mask(mask: Mask) -> dict[str, object]:
    """Return ``mask`` as plain values for JSON."""
    covers = [[each.part.value, each.left, each.top, each.width, each.height] for each in mask.covers]
    return {"presets": list(mask.presets), "covers": covers, "no_number": mask.no_number}


def unpack_mask(packed: Mapping[str, list[object]]) -> Mask:
    """Return the mask that :func:`pack_mask` packed."""
    covers = [each for each in packed["covers"] if isinstance(each, list)]
    return Mask(
        tuple(str(slug) for slug in packed["presets"]),
        tuple(Cover(Part(part), *(float(side) for side in sides)) for part, *sides in covers),
        bool(packed["no_number"]),
    )


def _read_cover(form: Mapping[str, Sequence[str]], index: int, faults: dict[str, str]) -> Cover | None:
    typed = {side: (form.get(box_name(index, side)) or [""])[0].strip() for side in SIDES}
    if not any(typed.values()):
        return None
    sides = {side: _percent(text) for side, text in typed.items()}
    wrong = [side for side, value in sides.items() if value is None]
    for side in wrong:
        sizeless = not typed[side] and side in ("width", "height")
        if not (sizeless and faults.get(box_name(index, "width")) == NO_SIZE):  # said once: it asks for both
            faults[box_name(index, side)] = NO_SIZE if sizeless else NOT_A_PLACE
    left, top, width, height = (sides[side] or 0.0 for side in SIDES)
    if not wrong and not (width and height):
        faults[box_name(index, "width")] = NO_SIZE
    part = (form.get(box_name(index, "part")) or [""])[0]
    return Cover(Part(part) if part in set(Part) else Part.NUMBER, left, top, width, height)


def _read_outline(form: Mapping[str, Sequence[str]]) -> Outline | None:
    """Return the outline of the card, as only the script sends it; what cannot be read is none."""
    kind, width, height = ((form.get(f"outline-{key}") or [""])[0] for key in ("kind", "width", "height"))
    wide, high = _percent(width), _percent(height)
    return Outline(kind, wide, high) if kind in STENCILS and wide is not None and high is not None else None


def _percent(text: str) -> float | None:
    try:
        value = float(text.replace(",", ".").removesuffix("%"))
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= 100 else None
