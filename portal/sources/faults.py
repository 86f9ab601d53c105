"""What can be wrong with a data map, told to the operator: where it stands, what is wrong and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Args:
        file: name of the manifest, or the source's key for a fault found in the live database.
        path: place in it, like ``collections.accounts.fields.email``.
        what: what is wrong.
        todo: what the operator does about it.
    """

    file: str
    path: str
    what: str
    todo: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.what} {self.todo}"


class DataMapFault(Exception):
    """The data map cannot be used; carries every fault found, so that they are mended in one go."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))
