"""Text blocks: sentences the desk says often, by right and outcome, in the language of the person. One file a right.

A controller changes the files, not this code. A file is checked when the portal starts, so that no letter can break.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any, TypeAlias

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.cases.access import right_of
from portal.cases.models import Case
from portal.clock import today
from portal.config import LANGUAGES, settings_of
from portal.review.marks import PLACES
from portal.rights.base import Right
from portal.ui.filters import datelong

EVERY = "every"
"""Name of the file whose blocks go with every right."""
OUTCOMES = ("grant", "partly", "refuse", "no_data")
ALWAYS = "always"
GAPS = frozenset({"reference", "right", "received", "due", "today", "product", "email", "phone"})
"""What a block may leave open, as ``{reference}``; filled for the case in hand."""

Words: TypeAlias = Mapping[str, str]
"""One text by language."""


class BlocksFaulty(ValueError):
    """The files of the text blocks cannot be used; every fault is told at once.

    Args:
        folder: where they lie.
        faults: what is wrong, a line each.
    """

    def __init__(self, folder: Path, faults: list[str]) -> None:
        self.faults = tuple(faults)
        lines = "\n".join(f"- {fault}" for fault in faults)
        super().__init__(f"PORTAL_BLOCKS_DIR ({folder}) cannot be used:\n{lines}")


@dataclass(frozen=True, slots=True)
class Block:
    """One text block.

    Attributes:
        slug: its name, once among those of a right.
        outcomes: with which decisions it goes.
        place: the marked place of the letter that it belongs in.
        title: for the reviewer.
        text: for the person, with gaps.
    """

    slug: str
    outcomes: tuple[str, ...]
    place: str
    title: Words
    text: Words


@dataclass(frozen=True, slots=True)
class Offered:
    """A block as the desk offers it: its title in the reviewer's language, its text filled in the person's."""

    slug: str
    outcomes: tuple[str, ...]
    place: str
    title: str
    text: str = field(repr=False)


Blocks: TypeAlias = Mapping[str, tuple[Block, ...]]
"""The blocks by right."""


def load_blocks(folder: Path, rights: Mapping[str, Right]) -> Blocks:
    """Return the text blocks in ``folder``: those of each right, and after them those of ``every.toml``.

    Args:
        folder: holds ``<right>.toml`` for each right, and ``every.toml``.
        rights: the catalogue, by slug.

    Raises:
        BlocksFaulty: with every fault that was found.
    """
    faults: list[str] = []
    found = {name: _read(folder / f"{name}.toml", faults) for name in (*rights, EVERY)}
    faults += [f"{path.name} belongs to no right" for path in sorted(folder.glob("*.toml")) if path.stem not in found]
    by_right = {slug: (*found[slug], *found[EVERY]) for slug in rights}
    for slug, blocks in by_right.items():
        names = [block.slug for block in blocks]
        faults += [f"{slug}.toml: {name!r} is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        raise BlocksFaulty(folder, faults)
    return by_right


def blocks_for(session: Session, case: Case, language: str, outcome: str = "") -> tuple[Offered, ...]:
    """Return the blocks for ``case``, filled in the language of its person; with ``outcome`` only those that fit it.

    Args:
        session: any session.
        case: the case.
        language: of the reviewer, for the titles.
        outcome: one of ``OUTCOMES``, or empty for all.
    """
    filling = _filling(session, case)
    return tuple(
        Offered(
            block.slug, block.outcomes, block.place, block.title[language], block.text[case.language].format(**filling)
        )
        for block in _blocks(session)[case.right_slug]
        if not outcome or outcome in block.outcomes
    )


def put_in(form: Mapping[str, str], slug: str, offered: tuple[Offered, ...]) -> dict[str, str]:
    """Return ``form`` with block ``slug`` below what stands in its place; an unknown block changes nothing."""
    filled = dict(form)
    for block in offered:
        if block.slug == slug:
            filled[block.place] = "\n".join(part for part in (filled.get(block.place, "").strip(), block.text) if part)
    return filled


def _blocks(session: Session) -> Blocks:
    found: Blocks = session.info["blocks"]
    return found


def _filling(session: Session, case: Case) -> dict[str, str]:
    controller = settings_of(session).controller
    with force_locale(case.language):
        return {
            "reference": case.reference,
            "right": _(right_of(case).title),
            "received": datelong(case.received_on),
            "due": datelong(case.due_on),
            "today": datelong(today()),
            "product": controller.product,
            "email": controller.email,
            "phone": controller.phone,
        }


def _read(path: Path, faults: list[str]) -> tuple[Block, ...]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        faults.append(f"{path.name}: {fault}")
        return ()
    tables = content.get("block", [])
    wrong = [f"{path.name}, block {place}: {fault}" for place, each in enumerate(tables, 1) for fault in _faults(each)]
    faults += wrong
    return () if wrong else tuple(_block(each) for each in tables)


def _block(said: Mapping[str, Any]) -> Block:
    outcome = said["outcome"]
    outcomes = OUTCOMES if outcome == ALWAYS else (outcome,)
    return Block(said["slug"], outcomes, said["place"], said["title"], said["text"])


def _faults(said: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(said.get("slug"), str):
        yield "it has no slug"
    if said.get("outcome") not in (*OUTCOMES, ALWAYS):
        yield f"its outcome is none of {', '.join((*OUTCOMES, ALWAYS))}"
    if said.get("place") not in PLACES:
        yield f"its place is none of {', '.join(PLACES)}"
    for part in ("title", "text"):
        words = said.get(part, {})
        yield from (f"its {part} is missing in {language!r}" for language in LANGUAGES if not words.get(language))
    for language, text in said.get("text", {}).items():
        yield from (f"the text in {language!r}: {fault}" for fault in _gap_faults(str(text)))


def _gap_faults(text: str) -> Iterator[str]:
    try:
        gaps = [(gap, spec, turned) for _said, gap, spec, turned in Formatter().parse(text) if gap is not None]
    except ValueError as fault:
        yield str(fault)
        return
    for gap, spec, turned in gaps:
        if gap not in GAPS or spec or turned:
            yield f"{{{gap}}} cannot be filled; these can: {', '.join(sorted(GAPS))}"
