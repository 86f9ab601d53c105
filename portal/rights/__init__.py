"""The catalogue of rights: one right, one file with a ``RIGHT``, found by itself. No Flask, no SQLAlchemy, no data."""

from importlib import import_module
from pkgutil import iter_modules

from portal.rights.base import Right


def discover() -> dict[str, Right]:
    """Return the rights of this folder by slug, in the order they are shown.

    Raises:
        ValueError: two files claim the same slug or the same place in the order.
    """
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return ordered([module.RIGHT for module in modules if hasattr(module, "RIGHT")])


def ordered(rights: list[Right]) -> dict[str, Right]:
    """Return ``rights`` by slug in their order; a slug or a place that is taken twice is an error."""
    by_slug: dict[str, Right] = {}
    for right in sorted(rights, key=lambda each: each.order):
        last = next(reversed(by_slug.values()), None)
        if right.slug in by_slug or (last is not None and last.order == right.order):
            raise ValueError(f"Right {right.slug!r} with order {right.order} is there twice.")
        by_slug[right.slug] = right
    return by_slug


RIGHTS: dict[str, Right] = discover()
