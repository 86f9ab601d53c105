"""The parts of a package: each a file by itself for the person, all of them one encrypted file in the vault."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from portal.cases.models import Package
from portal.errors import NotYours


@dataclass(frozen=True, slots=True)
class PackagePart:
    """One part.

    Args:
        number: from one on.
        of: how many there are.
        size: in bytes.
        sha256: of the part.
        stretches: where it stands in the stored file, as pairs of first byte and end.
    """

    number: int
    of: int
    size: int
    sha256: str
    stretches: tuple[tuple[int, int], ...]

    def stored(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """Yield where the bytes from ``start`` up to ``stop`` of this part stand in the stored file."""
        for first, end in self.stretches:
            length = end - first
            if start < length and stop > 0:
                yield first + max(start, 0), first + min(stop, length)
            start, stop = start - length, stop - length


def parts_of(package: Package) -> list[PackagePart]:
    """Return the parts of ``package``: one, unless it is large."""
    if package.parts is None:
        return [PackagePart(1, 1, package.size, package.sha256, ((0, package.size),))]
    told: list[dict[str, Any]] = package.parts
    return [
        PackagePart(
            number, len(told), each["size"], each["sha256"], tuple((one, two) for one, two in each["stretches"])
        )
        for number, each in enumerate(told, 1)
    ]


def part_of(package: Package, asked: str) -> PackagePart:
    """Return the part whose number was ``asked`` for.

    Raises:
        NotYours: there is no such part.
    """
    for part in parts_of(package):
        if str(part.number) == asked:
            return part
    raise NotYours
