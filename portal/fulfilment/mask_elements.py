"""What erasing leaves of a document with lists that name several people: the elements of others stay as they are.

Inside a list only the person's elements go. What stands outside of it goes as its column would, where the row or the
document is the person's by more than an element. Pure.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias, cast

from portal.sources.elements import Marks, Path, below, is_apart, is_listed, is_theirs
from portal.sources.model import Value

Masked: TypeAlias = Callable[[object], object]
"""What is left of a part of the document that is the person's."""


def without_theirs(value: object, marks: Marks, element: Masked | None, outside: Masked) -> object:
    """Return what is left of ``value``.

    Args:
        value: a document in which ``marks`` point into a list.
        marks: what tells whose an element is.
        element: what is left of an element that is the person's; nothing when None.
        outside: what is left of what stands outside of the lists.
    """
    if not is_more_than_elements(value, marks):
        return _left(value, marks, element, partial(_if_theirs, outside))
    return _left(value, marks, element, lambda part, _marks: outside(part))


def is_more_than_elements(value: object, marks: Marks) -> bool:
    """Return whether the row of ``value``, or ``value`` itself, is the person's by more than an element of a list."""
    return any(mark.owned or any(mark.theirs(each) for each in _plainly(value, mark.path)) for mark in marks)


def names_anybody(value: object, marks: Marks) -> bool:
    """Return whether an element is left in a list that names people."""
    if isinstance(value, list):
        return bool(value) if is_apart(value, marks) else any(names_anybody(each, marks) for each in value)
    return isinstance(value, dict) and any(names_anybody(each, below(marks, name)) for name, each in value.items())


def _left(value: object, marks: Marks, element: Masked | None, outside: Callable[[object, Marks], object]) -> object:
    if isinstance(value, list) and is_apart(value, marks):
        return list(_elements(value, marks, element))
    if isinstance(value, list) and is_listed(value, marks):
        return [_left(each, marks, element, outside) for each in value]
    if isinstance(value, dict) and is_listed(value, marks):
        return {name: _left(each, below(marks, name), element, outside) for name, each in value.items()}
    return outside(value, marks)


def _if_theirs(outside: Masked, value: object, marks: Marks) -> object:
    return outside(value) if is_theirs(value, marks) else value


def _elements(found: list[object], marks: Marks, element: Masked | None) -> Iterator[object]:
    for each in found:
        if any(mark.theirs(value) for mark in marks for value in _plainly(each, mark.path)) or (
            is_theirs(each, marks) and not is_listed(each, marks)
        ):
            if element is not None:
                yield element(each)
        elif is_theirs(each, marks):
            yield _left(each, marks, element, lambda part, _marks: part)
        else:
            yield each


def _plainly(value: object, path: Path) -> Iterator[Value]:
    """Yield the value at ``path`` unless it stands in a list of its own."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if value is not None and not isinstance(value, list | dict):
        yield cast("Value", value)


def each_single(value: object, make: Masked) -> object:
    """Return ``value`` with each single value in it as ``make`` leaves it."""
    if isinstance(value, list):
        return [each_single(each, make) for each in value]
    if isinstance(value, dict):
        return {name: each_single(each, make) for name, each in value.items()}
    return make(value)


def same(value: object) -> object:
    """Return ``value`` as it is."""
    return value
