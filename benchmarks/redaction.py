"""How many planted names of other people are suggested when a copy is looked through, and how many false ones.

    .venv/bin/python -m benchmarks.redaction [--people 400] [--others 20000] [--out benchmarks/redaction.json]

Made-up people are written ten ways into texts in four languages. What is looked for are the parts of the names of all
people of a made-up controller, as the worker reads them out of the sources: the planted ones among many others. False
alarms are counted in sentences that name nobody, with all those names to be taken for one. ``recall`` is the share of
names of which something is marked, ``covered`` of those of which nothing stays once that is hidden. A miss is a warning
at the desk, never a promise; so the shares stand here for each way of writing and each language.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portal import understanding
from portal.demo.medbook.texts import SENTENCES
from portal.fulfilment.people import Finder, Words, parts_of
from tests.support.planted import Planted, people, planted

PHRASES = Path(understanding.__file__).parent / "phrases"
EACH = 40
SMALL = frozenset({"van", "de", "den", "der", "von", "Van", "De", "Den", "s", "t"})

LEAST = 0.9
"""The share of planted names that must be found."""


def main() -> None:
    """Measure, print, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--others", type=int, default=20_000)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = measured(asked.people, asked.others)
    print(json.dumps(found, indent=1))
    if asked.out:
        asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if found["recall"] < LEAST:
        raise SystemExit(f"Only {found['recall']:.1%} of the planted names were found.")


def measured(many: int, others: int) -> dict[str, Any]:
    """Return the recall in all, by way of writing and by language, and the share of sentences with a false alarm."""
    named = people(1, many)
    texts = list(planted(2, named))
    silent = list(plain_sentences())
    seen = Words([*(each.text for each in texts), *silent])
    names = [f"{given} {family}" for given, family in (*named, *people(3, others))]
    finder = Finder(
        {part for part in parts_of(names) if seen.may_name(part)}, Words(["Lies Janssens lies@example.com"])
    )
    hits = [(each, is_found(finder, each)) for each in texts]
    return {
        "planted": len(hits),
        "recall": share(hit for _each, hit in hits),
        "covered": share(is_covered(finder, each) for each in texts),
        "by_way": shares((each.way, hit) for each, hit in hits),
        "by_language": shares((each.language, hit) for each, hit in hits),
        "false_alarms": share(bool(finder.spots(text)) for text in silent),
    }


def is_found(finder: Finder, each: Planted) -> bool:
    """Return whether something that is suggested in the text touches the planted name."""
    start = each.text.index(each.name)
    stop = start + len(each.name)
    return any(_touches(each.text, spot, start, stop) for spot in finder.spots(each.text))


def is_covered(finder: Finder, each: Planted) -> bool:
    """Return whether nothing of the planted name is left once what is suggested is hidden."""
    rest = each.text
    for spot in sorted(finder.spots(each.text), key=len, reverse=True):
        rest = rest.replace(spot, "")
    return not any(len(part) > 1 and part in rest for part in re.findall(r"\w+", each.name) if part not in SMALL)


def plain_sentences() -> Iterator[str]:
    """Yield sentences that name nobody: made-up history, and what people wrote to a privacy desk."""
    yield from (text for spoken in SENTENCES.values() for text in spoken if "{third}" not in text)
    for path in sorted(PHRASES.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines()[:EACH]:
            yield line.rpartition("\t")[2]


def share(hits: Iterator[bool]) -> float:
    """Return the share of hits."""
    told = list(hits)
    return round(sum(told) / max(1, len(told)), 4)


def shares(hits: Iterator[tuple[str, bool]]) -> dict[str, float]:
    """Return the share of hits by name."""
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for name, hit in hits:
        asked[name] += 1
        found[name] += hit
    return {name: round(found[name] / count, 4) for name, count in sorted(asked.items())}


def _touches(text: str, spot: str, start: int, stop: int) -> bool:
    place = text.find(spot)
    while place >= 0:
        if place < stop and start < place + len(spot):
            return True
        place = text.find(spot, place + 1)
    return False


if __name__ == "__main__":
    main()
