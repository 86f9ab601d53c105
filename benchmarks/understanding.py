"""How well free text is understood, on authors whose messages were never learnt.

    .venv/bin/python -m benchmarks.understanding [--part N] [--cache FILE] [--out benchmarks/understanding.json]

Authors are dealt into five parts; the model learns from four and is judged on the fifth, on each in turn unless
``--part`` names one. Messages that ask several rights at once are judged apart. Speed is that of the shipped weights,
on one thread, beside a single pass of the encoder over the same text, so that a slower machine slows both.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.understanding import CLASSES, RIGHTS
from portal.understanding.bank import LANGUAGES, Phrase, crowded, folds, load_bank
from portal.understanding.encoder import Encoder
from portal.understanding.labels import SLICES, class_of
from portal.understanding.reader import Engine
from portal.understanding.reading import Reading
from portal.understanding.training import prepare, train

PARTS = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """One held-out message with what was read."""

    phrase: Phrase
    reading: Reading

    @property
    def meant(self) -> str:
        """The class that the author meant."""
        return class_of(self.phrase.labels[0])

    @property
    def read(self) -> list[str]:
        """The classes as read, best first."""
        return [name for name, _score in self.reading.ranking]


def judge(phrases: Sequence[Phrase], cache: Path, parts: Sequence[int]) -> list[Judged]:
    """Return every message of the held-out ``parts`` as read by a model that learnt from the other authors."""
    bank, part_of = prepare(phrases, cache), folds(phrase.author for phrase in phrases)
    encoder, judged = Encoder(), []
    for part in parts:
        held = [row for row, phrase in enumerate(phrases) if part_of[phrase.author] == part]
        learnt = [row for row, phrase in enumerate(phrases) if part_of[phrase.author] != part]
        engine = Engine(train(bank.only(learnt)), encoder)
        judged += [Judged(phrases[row], engine.read(phrases[row].text, "")) for row in held]
    return judged


def shares(judged: Sequence[Judged]) -> dict[str, float]:
    """Return how many of ``judged`` were meant as the first class read, and as one of the first two, in per cent."""
    first = sum(each.read[0] == each.meant for each in judged)
    second = sum(each.meant in each.read[:2] for each in judged)
    return {"messages": len(judged), "top1": _percent(first, len(judged)), "top2": _percent(second, len(judged))}


def table(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return every number of the benchmark but those of speed."""
    one = [each for each in judged if len(each.phrase.labels) == 1]
    no_right = [each for each in one if each.meant not in RIGHTS]
    shown = [each for each in no_right if each.read[0] in RIGHTS]
    return {
        "all": shares(one),
        "language": {name: shares([each for each in one if each.phrase.language == name]) for name in LANGUAGES},
        "slice": {name: shares([each for each in one if each.phrase.slice == name]) for name in SLICES},
        "class": {name: shares([each for each in one if each.meant == name]) for name in CLASSES},
        "no right shown as a right": _percent(len(shown), len(no_right)),
        "route": _percent(
            sum(each.phrase.labels[0] == f"none/{each.reading.route}" for each in no_right if each.meant == "none"),
            sum(each.meant == "none" for each in no_right),
        ),
        "confusion": {
            meant: {read: sum(each.meant == meant and each.read[0] == read for each in one) for read in CLASSES}
            for meant in CLASSES
        },
        "several": _several(judged),
    }


def _several(judged: Sequence[Judged]) -> dict[str, float]:
    many = [each for each in judged if len(each.phrase.labels) > 1]
    rights = [each for each in many if set(each.phrase.labels) <= set(RIGHTS)]
    beside = [each for each in many if each not in rights]  # a right with a complaint: the page shows one of them
    one = [each for each in judged if len(each.phrase.labels) == 1]
    named = [set(each.reading.several) == set(each.phrase.labels) for each in rights]
    return {
        "messages": len(rights),
        "recognised": _percent(sum(bool(each.reading.several) for each in rights), len(rights)),
        "all named": _percent(sum(named), len(rights)),
        "first is one of them": _percent(sum(each.read[0] in each.phrase.labels for each in rights), len(rights)),
        "wrongly taken for several": _percent(sum(bool(each.reading.several) for each in one), len(one)),
        "with a complaint": len(beside),
        "first is one of the two": _percent(sum(each.read[0] in each.phrase.labels for each in beside), len(beside)),
    }


def speed(texts: Sequence[str]) -> dict[str, float]:
    """Return the median and p95 milliseconds of a reading once warm, and the median beside one pass of the encoder."""
    engine, encoder = Engine.load(), Encoder()
    engine.read(texts[0], "")
    ours, passes = [], []
    for text in texts:
        passes.append(_milliseconds(lambda text=text: encoder.meaning([text])))  # type: ignore[misc]
        ours.append(_milliseconds(lambda text=text: engine.read(text, "")))  # type: ignore[misc]
    return {
        "median_ms": round(statistics.median(ours), 1),
        "p95_ms": round(sorted(ours)[int(len(ours) * 0.95)], 1),
        "encoder_ms": round(statistics.median(passes), 1),
        "ratio": round(statistics.median(ours) / statistics.median(passes), 1),
    }


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def show(found: dict[str, Any]) -> None:
    """Print the tables."""
    print(f"{'':10} messages  top-1  top-2")
    for group in ("all", "language", "slice", "class"):
        lines = {"all": found["all"]} if group == "all" else found[group]
        for name, line in lines.items():
            print(f"{name:10} {line['messages']:8} {line['top1']:6.1f} {line['top2']:6.1f}")
        print()
    print(f"{'meant, read as':15}" + " ".join(f"{name[:8]:>8}" for name in CLASSES))
    for meant, line in found["confusion"].items():
        print(f"{meant:15}" + " ".join(f"{line[name]:8}" for name in CLASSES))
    print(f"\nno right or complaint, shown as a right: {found['no right shown as a right']} %")
    print(f"of what asks for no right, the reason read right: {found['route']} %")
    for part in ("several", "speed", "bank"):
        print(f"{part}: " + ", ".join(f"{name} {value}" for name, value in found[part].items()))


def main() -> None:
    """Measure and print; keep the numbers where ``--out`` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", type=int, choices=range(PARTS), help="judge on this fifth only")
    parser.add_argument("--cache", type=Path, default=Path("var") / "understanding.npz")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    asked = parser.parse_args()
    phrases = load_bank()
    judged = judge(phrases, asked.cache, range(PARTS) if asked.part is None else [asked.part])
    found = table(judged)
    found["speed"] = speed([each.phrase.text for each in judged[::8]][:200])
    found["bank"] = {
        "messages": len(phrases),
        "authors": len({phrase.author for phrase in phrases}),
        "in a frame of more than five": len(crowded([phrase.text for phrase in phrases])),
    }
    show(found)
    asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
