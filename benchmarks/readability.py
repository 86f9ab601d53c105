"""How long the sentences are that a person reads, in each language.

    .venv/bin/python -m benchmarks.readability [--longest 10]

Counted are the sentences of the catalogues that the pages, mails and letters for a person use, and of the register; the
words on buttons, labels and headings are not sentences and would make the mean look better than it is.
"""

import argparse
import re
import statistics
import tomllib
from collections.abc import Iterator, Mapping

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from ruamel.yaml import YAML

from portal.config import HERE, LANGUAGES

ROOT = HERE.parent
LONGEST_MEAN, LONGEST = 13, 15
"""Words a sentence: the mean that is held, and the number above which a sentence counts as long (ux.md, 2.5)."""

NOT_PUBLIC = ("templates/review/", "templates/demo/", "templates/desk_base.html", "templates/mail/staff-")
NOT_PUBLIC += ("portal/review/", "portal/demo/", "portal/cli.py", "portal/verify.py", "portal/sources/")
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
END = re.compile(r"(?<=[.?:])\s+(?=[A-ZÀ-Þ%“„«])|\n+")
ABBREVIATED = re.compile(r"\b(art|Art|nr|lid|Abs|Buchst|Nr|z|B|o|a|d|h|par|ex|bv|p|al)\.\s")
WORD = re.compile(r"[^\W_]")


def public_sources() -> set[str]:
    """Return the English source strings that a page, mail or letter for a person uses; of plurals each form."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]["mappings"]
    found: set[str] = set()
    for mapping in mappings:
        folder, _, pattern = str(mapping["pattern"]).partition("/")
        marked = extract_from_dir(ROOT / folder, [(pattern, mapping["method"])], {pattern: mapping}, keywords=KEYWORDS)
        for file, _line, text, _notes, _context in marked:
            if not f"{folder}/{file}".startswith(NOT_PUBLIC):
                found.update((text,) if isinstance(text, str) else text)
    return found


def public_texts(language: str) -> list[str]:
    """Return everything a person may read in ``language``."""
    sources = public_sources()
    register = YAML(typ="safe").load(HERE / "register" / "texts" / f"{language}.yml")
    if language == "en":
        return [*sources, *leaves(register)]
    with (HERE / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    said: list[str] = []
    for message in catalogue:
        forms = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        if sources.intersection(forms):
            said += (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return [*said, *leaves(register)]


def sentences(text: str) -> list[str]:
    """Return the whole sentences of ``text``: what ends in a full stop, a question mark or a colon."""
    joined = ABBREVIATED.sub(lambda found: found[0].rstrip() + "\u00a0", text)
    return [part for part in END.split(joined) if part.rstrip(" )”“»").endswith((".", "?", ":"))]


def words(sentence: str) -> int:
    """Return the number of words; a place for a name or a date counts as one."""
    return sum(bool(WORD.search(part)) for part in sentence.split())


def leaves(node: object) -> Iterator[str]:
    """Return every text in a tree of mappings and lists."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for each in node.values():
            yield from leaves(each)
    elif isinstance(node, list):
        for each in node:
            yield from leaves(each)


def lengths(language: str) -> dict[str, int]:
    """Return every sentence of ``language`` with its number of words."""
    return {sentence: words(sentence) for text in public_texts(language) for sentence in sentences(text)}


def main() -> None:
    """Report each language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--longest", type=int, default=0, help="show so many of the longest sentences too")
    shown = parser.parse_args().longest
    for language in LANGUAGES:
        found = lengths(language)
        mean = statistics.mean(found.values())
        long = sum(count > LONGEST for count in found.values())
        print(f"{language}: {len(found)} sentences, mean {mean:.1f} words, {long} longer than {LONGEST}")
        for sentence, count in sorted(found.items(), key=lambda each: -each[1])[:shown]:
            print(f"  {count}: {sentence}")


if __name__ == "__main__":
    main()
