"""Lists that name several people: of such a list only the elements that are the person's are theirs, as in Fides.

A list names people where an identity that is known of the person, or a reference that is followed, points into its
elements; ``return_all_elements`` says that the row's owner owns them all. So do single values, like the addresses of a
customer, where something beside the list makes the row the person's. Pure.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

from portal.sources.model import Collection, Field, Value
from portal.sources.numbers import read_json, write_json
from portal.sources.places import Place, single
from portal.sources.reading import Selector, Selectors, is_own, looked_at
from portal.sources.streaming import Line

Path: TypeAlias = tuple[str, ...]
Theirs: TypeAlias = Callable[[Value], bool]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in a document a value stands that tells whose an element is.

    Args:
        path: the names that lead to it; lists on the way are looked through.
        theirs: whether such a value is the person's.
        whole: the paths of lists that are not taken apart.
        owned: whether lists of single values are not either.
    """

    path: Path
    theirs: Theirs
    whole: frozenset[Path] = frozenset()
    owned: bool = False


Marks: TypeAlias = Sequence[Mark]


def mark_at(each: Field, path: Path, theirs: Theirs, *, owned: bool = False) -> Mark:
    """Return the mark at ``path`` in the column of ``each``."""
    inside = {inner.path for inner in each.inner if inner.all_elements}
    return Mark(path, theirs, frozenset(inside | {()} if each.all_elements else inside), owned)


def parsed(value: object) -> object:
    """Return a document kept as text as what it says; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            return read_json(value)
        except ValueError:
            return value
    return value


def is_apart(found: list[object], marks: Marks) -> bool:
    """Return whether the list ``found``, in which ``marks`` stand, is taken apart."""
    owned = any(mark.owned for mark in marks) and not any(isinstance(each, dict) for each in found)
    return bool(marks) and not owned and not any(() in mark.whole for mark in marks)


def is_listed(value: object, marks: Marks) -> bool:
    """Return whether one of ``marks`` points into a list in ``value`` that is taken apart."""
    if isinstance(value, list):
        return is_apart(value, marks) or any(is_listed(each, marks) for each in value)
    if isinstance(value, dict):
        return any(is_listed(each, below(marks, name)) for name, each in value.items())
    return False


def is_theirs(element: object, marks: Marks) -> bool:
    """Return whether a value at one of ``marks`` in ``element`` is the person's."""
    return any(mark.theirs(value) for mark in marks for value in single(element, mark.path))


def below(marks: Marks, name: str) -> Marks:
    """Return what of ``marks`` leads through ``name``, as seen from there."""
    return [
        Mark(mark.path[1:], mark.theirs, frozenset(path[1:] for path in mark.whole if path[:1] == (name,)), mark.owned)
        for mark in marks
        if mark.path[:1] == (name,)
    ]


def only_theirs(value: object, marks: Marks) -> object:
    """Return ``value`` with, in each list that ``marks`` point into, only the elements that are the person's."""
    if isinstance(value, list):
        mine = [each for each in value if is_theirs(each, marks)] if is_apart(value, marks) else value
        return [only_theirs(each, marks) for each in mine]
    if isinstance(value, dict):
        return {name: only_theirs(each, below(marks, name)) for name, each in value.items()}
    return value


class Narrowing:
    """Takes what is of others out of the lists in the rows of one collection.

    Args:
        collection: whose rows.
        selectors: what makes a row the person's.
        entries: the places that an identity known of the person, or a reference that is followed, points at.
    """

    def __init__(self, collection: Collection, selectors: Selectors, entries: Iterable[Place]) -> None:
        self._marks: dict[str, list[Mark]] = {}
        others = dict(selectors)
        for place, selector in listed(collection, selectors, entries):
            name = place.columns[0]
            others.pop(place.label, None)
            self._marks.setdefault(name, []).append(mark_at(collection.field(name), place.path, _theirs(selector)))
        self._others = others
        self._owned = {name: [replace(mark, owned=True) for mark in marks] for name, marks in self._marks.items()}

    @property
    def columns(self) -> list[str]:
        """What it must see of a row beside its lists."""
        return looked_at(self._others) if self._marks else []

    def is_owned(self, row: Mapping[str, Value]) -> bool:
        """Return whether something beside the elements of a list makes ``row`` the person's."""
        return bool(self._marks) and is_own(self._others, row)

    def lines(self, wanted: Sequence[str], found: list[Line]) -> list[Line]:
        """Return ``found``, in the order of ``wanted``, with only the elements that are the person's."""
        places = [(number, name) for number, name in enumerate(wanted) if name in self._marks]
        return [self._narrowed(wanted, line, places) for line in found] if places else found

    def _narrowed(self, wanted: Sequence[str], line: Line, places: Iterable[tuple[int, str]]) -> Line:
        owned = self.is_owned(dict(zip(wanted, line, strict=True)))
        new = list(line)
        for number, name in places:
            document = parsed(line[number])
            left = only_theirs(document, (self._owned if owned else self._marks)[name])
            if left != document:
                text = isinstance(line[number], str)
                new[number] = write_json(left) if text else cast("Value", left)
        return cast("Line", tuple(new))


def listed(
    collection: Collection, selectors: Selectors, entries: Iterable[Place]
) -> Iterator[tuple[Place, Selector | None]]:
    """Yield those of ``entries`` that may point into a list, each with the selector for it where there is one."""
    names = {each.name for each in collection.fields}
    for place in entries:
        selector = selectors.get(place.label)
        if place.columns[0] not in names:
            continue
        declared = (collection.field(place.columns[0]).data_type or "").endswith("[]")
        if place.path or declared or (selector is not None and selector.place is not None):
            yield place, selector


def _theirs(selector: Selector | None) -> Theirs:
    return (lambda value: selector.key(value) in selector.values) if selector else (lambda _value: False)
