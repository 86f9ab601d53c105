"""What a decision letter says, in short and in the reviewer's own language, to be read beside it. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal.cases.letters import DecisionLetter
from portal.review.findings import Findings, Line, in_language, why_in_language
from portal.review.marks import PLACES


@dataclass(frozen=True, slots=True)
class GistLine:
    """What happens to some rows, in the reviewer's language where the data map has it in that language."""

    effect: str
    title: str
    rows: int
    why: str
    until: date | None
    until_said: str = ""  # where only the letter's own words for that day are known
    old: str = field(default="", repr=False)
    new: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Gist:
    """A letter in short. ``own_words`` stay in the language of the person: label (a source string) and text."""

    letter: DecisionLetter
    happens: tuple[GistLine, ...]
    stays: tuple[GistLine, ...]
    own_words: tuple[tuple[str, str], ...]


def gist_of(letter: DecisionLetter, findings: Findings, theirs: str, ours: str) -> Gist:
    """Return ``letter`` in short.

    Args:
        letter: as the person will read it.
        findings: what the sources hold; they know each title in every language.
        theirs: language of the letter.
        ours: language of the reviewer.
    """
    known = {(in_language(line.title, theirs), line.effect, line.rows): line for line in findings.preview}
    return Gist(
        letter=letter,
        happens=_lines(letter.changes, known, ours),
        stays=_lines(letter.kept, known, ours),
        own_words=tuple((title, text) for place, title in PLACES.items() if (text := getattr(letter, place))),
    )


def _lines(
    said: Sequence[Mapping[str, str]], known: Mapping[tuple[str, str, int], Line], ours: str
) -> tuple[GistLine, ...]:
    return tuple(_line(each, known.get((each["title"], each["effect"], int(each["rows"]))), ours) for each in said)


def _line(said: Mapping[str, str], found: Line | None, ours: str) -> GistLine:
    return GistLine(
        effect=said["effect"],
        title=in_language(found.title, ours) if found else said["title"],
        rows=int(said["rows"]),
        why=why_in_language(found.why, ours) if found else said.get("why", ""),
        until=found.until if found else None,
        until_said="" if found else said.get("until", ""),
        old=said.get("old", ""),
        new=said.get("new", ""),
    )
