"""The ladder of proof: what a person shows for each right (7.1, 7.9). Read from one file; pure beyond that.

The file can only ask less than the policy does: what a right asks by mail alone stays so, since the law wants it.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal.rights.base import Answers, Proof, Right

PROOFS = " or ".join(f'"{proof}"' for proof in Proof)
NEVER_A_CARD = {
    "withdraw": "Art. 7(3) GDPR: taking a permission back must be as easy as giving it was",
    "object:marketing": "Art. 21(2) and 21(3) GDPR: who objects to marketing is heard at any time, without conditions",
}
"""The rungs that may not ask a card, and why: part of the fault an operator reads."""

NOTE = (
    "EDPB Guidelines 01/2022 (section 3.3) want the proof in proportion: a card is asked only where there is doubt "
    "and no lighter way is enough. Clause 7.9 of the policy asks it. Where that is not needed, set the right to "
    '"email" in PORTAL_LADDER_FILE.'
)


class LadderFaulty(ValueError):
    """The file of the ladder cannot be used; every fault is told at once.

    Args:
        path: of the file.
        faults: what is wrong, a line each.
    """

    def __init__(self, path: Path, faults: list[str]) -> None:
        self.faults = tuple(faults)
        lines = "\n".join(f"- {fault}" for fault in faults)
        super().__init__(f"PORTAL_LADDER_FILE ({path}) cannot be used:\n{lines}")


@dataclass(frozen=True, slots=True)
class Ladder:
    """What is asked as proof of identity.

    Args:
        rungs: proof by right, where it is set; elsewhere the right's own counts.
    """

    rungs: Mapping[str, Proof] = field(default_factory=dict)

    def proof(self, right: Right, answers: Answers) -> Proof:
        """Return what ``right`` asks for ``answers``: never more than the right itself asks."""
        own = right.proof(answers)
        return own if own is Proof.EMAIL else self.rungs.get(right.slug, own)

    def ever_asks_card(self, rights: Iterable[Right]) -> bool:
        """Say whether any of ``rights`` may ask for a card."""
        return any(self.asks_card(right, {}) for right in rights)

    def asks_card(self, right: Right, answers: Answers) -> bool:
        """Say whether the front of a card is asked for this request."""
        return self.proof(right, answers) is Proof.ID_FRONT


def load_ladder(path: Path, rights: Mapping[str, Right]) -> Ladder:
    """Return the ladder in the TOML file at ``path``.

    Args:
        path: of the file: a table ``proof``, with a line for each right.
        rights: the catalogue, by slug.

    Raises:
        LadderFaulty: with every fault that was found.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise LadderFaulty(path, [str(fault)]) from fault
    if faults := list(_faults(content, {*rights, *NEVER_A_CARD})):
        raise LadderFaulty(path, faults)
    return Ladder({slug: Proof(proof) for slug, proof in content["proof"].items()})


def _faults(content: Mapping[str, Any], known: set[str]) -> Iterator[str]:
    table = content.get("proof")
    yield from (f"{name!r} is not known here: only the table [proof] is" for name in content if name != "proof")
    if not isinstance(table, dict):
        yield "the table [proof] is missing"
        return
    for name, proof in table.items():
        if name not in known:
            yield f"{name!r} is no right: use one of {', '.join(sorted(known))}"
        elif proof not in tuple(Proof):
            yield f"{name} = {proof!r}: use {PROOFS}"
        elif name in NEVER_A_CARD and proof != Proof.EMAIL:
            yield f'{name} = "{proof}" is refused. {NEVER_A_CARD[name]}: use "{Proof.EMAIL}"'
