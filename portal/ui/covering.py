"""What the form shows that covers parts of a card: for the person before they send it, for staff after a mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import request
from flask_babel import gettext as _

from portal.files import masks
from portal.ui.choices import Choice


class Shown(Protocol):
    """The picture that is covered: its size in pixels, and what is odd about it, as source sentences."""

    @property
    def width(self) -> int:
        """Width in pixels."""

    @property
    def height(self) -> int:
        """Height in pixels."""

    @property
    def warnings(self) -> Sequence[str]:
        """What is odd about it."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A rectangle over the picture, in pixels of the picture."""

    x: float
    y: float
    width: float
    height: float


def mask_sheet(card: Shown, wanted: masks.Mask, faults: Mapping[str, str]) -> dict[str, object]:
    """Return what ``components/cover.html`` shows of ``card``: the boxes over it, the places to choose, what was typed.

    Args:
        card: the picture.
        wanted: what is covered so far.
        faults: a source sentence for each input that is not right.
    """
    across, down = card.width / 100, card.height / 100
    return {
        "card": card,
        "painted": [
            Painted(each.left * across, each.top * down, each.width * across, each.height * down)
            for each in wanted.all_covers
        ],
        "wanted": wanted,
        "presets": [_preset(each) for each in masks.PRESETS.values()],
        "stencils": [(slug, _(label)) for slug, (label, _presets) in masks.STENCILS.items()],
        "parts": [(part.value, _(title)) for part, title in masks.PART_TITLES.items()],
        "rows": [_row(each) for each in wanted.covers],
        "form": request.form.to_dict() if request.method == "POST" else {},
        "faults": {name: _(sentence) for name, sentence in faults.items()},
        "warnings": [_(sentence) for sentence in card.warnings],
    }


def faults_in_words(faults: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return ``faults``, in the reader's language, as the summary above a form takes them."""
    return [(name, _(sentence)) for name, sentence in faults.items()]


def _preset(preset: masks.Preset) -> Choice:
    return Choice(preset.slug, _(preset.label), _(preset.hint) if preset.hint else "")


def _row(cover: masks.Cover) -> dict[str, str]:
    return {side: f"{getattr(cover, side):g}" for side in masks.SIDES} | {"part": cover.part.value}
