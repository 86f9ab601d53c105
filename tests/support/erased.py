"""Whether erasing a person from a drawn schema left nothing of them and changed nobody else: judged from the end."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from portal.sources.model import Edge, Erase, Mask
from tests.support.wild import ADDRESSES, HELD, NAMES, NOW, Link, Rows, Shape, Wild

ADA = ADDRESSES[0]
WORDS = (ADA, NAMES[0], "Lovelace Ada", "Lovelace, Ada")
Place: TypeAlias = tuple[str, tuple[object, ...]]


def merely_named(wild: Wild, before: Rows, after: Rows) -> set[Place]:
    """Return the rows that were the person's through rows that went, and that only name them now.

    Found from the end: the rows that stayed are set back as they were, and those that only a mention leads to count.
    """
    own = wild.reached(before, ADA, mentions=False) & after.keys()
    stayed = {place for place in own if not _is_masked(wild.shapes[place[0]], after[place])}
    between, loose = after | {place: before[place] for place in stayed}, set[Place]()
    while True:
        named = wild.reached(between, ADA, mentions=True) - wild.reached(between, ADA, mentions=False)
        if not (more := (named & stayed) - loose):
            return loose
        loose |= more
        between |= {place: after[place] for place in more}


def _is_masked(shape: Shape, now: dict[str, Any]) -> bool:
    """Return whether a row of the person lost its content: by its collection's rule, or because others need it."""
    if shape.erase is not Erase.DELETE:
        return shape.erase is Erase.DEIDENTIFY
    empty = [now[name] for name in ("note", "extra", "day", *(link.name for link in shape.links if link.nullable))]
    return now["text"] == "[erased]" and not any(empty)


def check_erased(wild: Wild, before: Rows, after: Rows) -> None:
    """Check every row of ``before`` against what became of it."""
    own, full = wild.reached(before, ADA, mentions=False), wild.reached(before, ADA, mentions=True)
    loose = merely_named(wild, before, after)
    assert after.keys() <= before.keys()
    for place, row in before.items():
        shape, now = wild.shapes[place[0]], after.get(place)
        held = shape.held and (row["day"] is None or HELD.duration.after(row["day"]) >= NOW.date())
        links = {link.name for link in shape.links}
        if place not in full:
            assert now == row, f"{place} is another person's"
            continue
        if now is None:
            assert place in own
            assert shape.erase is Erase.DELETE
            assert not held
            continue
        changed = {name for name, value in row.items() if now[name] != value}
        if held or (place in own - loose and shape.erase is Erase.KEEP):
            assert changed <= links
            assert all(now[name] is None for name in changed), "only cut"
        elif place not in own or place in loose:
            masks = {each.name: each.mask for each in wild.data_map.collections[place[0]].fields}
            cut = {link.name for link in shape.links if link.kept_by_database and _is_gone(link, row, before, after)}
            assert {masks[name] for name in changed - cut} <= {Mask.REDACT, Mask.UNLINK}
            for link in shape.links:
                theirs = any(edge.target.field == link.name for edge in _edges_into(wild, place[0], own, before, row))
                unlinked = link.name in cut or (theirs and link.mask is Mask.UNLINK)
                assert now[link.name] == (None if unlinked else row[link.name])
            _check_no_word(place, now)
        elif shape.erase is Erase.DELETE and changed - links:
            assert now["note"] is now["extra"] is now["day"] is None, "emptied"
            assert now["text"] == "[erased]"
            _check_needed(wild, place, after)
        elif shape.erase is Erase.DELETE:
            _check_needed(wild, place, after)
        else:
            assert now["note"] is None
            assert now["day"] == row["day"]
            _check_no_word(place, now)


def _is_gone(link: Link, row: dict[str, Any], before: Rows, after: Rows) -> bool:
    """Return whether ``row`` referred by ``link`` to a row that was there and is not any more."""
    referred = [place for place in before if place[0] == link.parent and place[1][0] == row[link.name]]
    return bool(referred) and not any(place in after for place in referred)


def _edges_into(wild: Wild, key: str, own: set[Place], before: Rows, row: dict[str, Any]) -> Iterator[Edge]:
    """Yield the edges by which a row of the person leads to ``row``."""
    for edge in wild.data_map.edges:
        origins = (before[place] for place in own if place[0] == edge.origin.collection)
        values = {str(origin[edge.origin.field]) for origin in origins}
        if edge.target.collection == key and str(row[edge.target.field]) in values - {"None"}:
            yield edge


def _check_no_word(place: object, row: dict[str, Any]) -> None:
    said = " ".join(str(row[name]) for name in ("text", "extra", "name", "email") if name in row)
    for word in WORDS:
        assert f" {word}" not in f" {said}".replace("x" + word, ""), f"{place} still names the person"


def _check_needed(wild: Wild, place: Place, after: Rows) -> None:
    """A row that should have gone stays only where a row that stays refers to it by a reference of the database."""
    assert any(
        row[link.name] == place[1][0]
        for other, row in after.items()
        for link in wild.shapes[other[0]].links
        if link.parent == place[0] and link.kept_by_database
    ), f"{place} stays and nothing needs it"
