"""Texts with the names of made-up people planted in them, to measure what is found. Nobody here exists."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from portal.demo.medbook.names import FAMILY, GIVEN, mailbox

LANGUAGES = ("nl", "fr", "de", "en")
WAYS = (
    *("full", "list", "inflected", "small", "given", "family", "small-given", "initial"),
    *("mistyped", "mistyped-family", "small-mistyped", "address", "initials"),
)
"""How a name is written: in full, last name first, inflected, in small letters, by a part of it, behind an initial,
with one letter wrong, as a mail address, by initials only.
"""
TEXTS: dict[str, tuple[str, ...]] = {
    "nl": (
        "Gisteren besprak ik het dossier met {name} en daarna gingen we naar huis.",
        "De nota van {name} lag nog op het bureau toen de nachtdienst begon.",
        "Volgens {name} was de patiënt te laat ingelicht, maar dat klopt niet.",
        "Ik vroeg aan {name} of de planning voor maart al vaststond.",
    ),
    "fr": (
        "Hier, j’ai parlé du dossier avec {name} avant la fin de la garde.",
        "Le rapport de {name} était encore sur le bureau ce matin.",
        "Selon {name}, la famille avait été prévenue trop tard, ce qui est faux.",
        "J’ai demandé à {name} si le planning de mars était déjà fixé.",
    ),
    "de": (
        "Gestern habe ich den Fall mit {name} besprochen und bin dann nach Hause gegangen.",
        "Der Bericht von {name} lag am Morgen noch auf dem Schreibtisch.",
        "Laut {name} wurde die Familie zu spät unterrichtet, das stimmt aber nicht.",
        "Ich fragte {name}, ob der Dienstplan für März schon feststeht.",
    ),
    "en": (
        "Yesterday I talked the file through with {name} before the shift ended.",
        "The note by {name} was still on the desk this morning.",
        "According to {name} the family was told too late, which is not true.",
        "I asked {name} whether the plan for March was settled.",
    ),
}
INFLECTED = {"nl": "{}s", "fr": "{}", "de": "{}s", "en": "{}’s"}


@dataclass(frozen=True, slots=True)
class Planted:
    """A text with one name in it."""

    language: str
    way: str
    text: str
    name: str


def people(seed: int, many: int) -> list[tuple[str, str]]:
    """Return first and last name of ``many`` made-up people, of all languages."""
    chance = Random(seed)
    languages = [LANGUAGES[number % len(LANGUAGES)] for number in range(many)]
    return [(chance.choice(GIVEN[each]), chance.choice(FAMILY[each])) for each in languages]


def planted(seed: int, named: list[tuple[str, str]]) -> Iterator[Planted]:
    """Yield each person of ``named`` written each way, in a text of each language in turn."""
    chance = Random(seed)
    for number, (given, family) in enumerate(named):
        for turn, way in enumerate(WAYS):
            language = LANGUAGES[(number + turn) % len(LANGUAGES)]
            name = written(chance, language, way, given, family)
            yield Planted(language, way, chance.choice(TEXTS[language]).format(name=name), name)


def written(chance: Random, language: str, way: str, given: str, family: str) -> str:
    """Return a person's name as ``way`` has it."""
    full, second = f"{given} {family}", next(letter for letter in family if letter.isupper())
    ways = {
        "full": full,
        "list": f"{family}, {given}",
        "inflected": INFLECTED[language].format(chance.choice((given, family))),
        "small": full.lower(),
        "given": given,
        "family": family,
        "small-given": given.lower(),
        "initial": f"{given[0]}. {family}",
        "mistyped": mistyped(chance, full),
        "mistyped-family": mistyped(chance, family),
        "small-mistyped": mistyped(chance, full).lower(),
        "address": f"{mailbox(given, family)}@ziekenhuis.example",
        "initials": f"{given[0]}.{second}.",
    }
    return ways[way]


def mistyped(chance: Random, name: str) -> str:
    """Return ``name`` with one letter left out, doubled, swapped with the next one, or another."""
    places = [place for place in range(1, len(name) - 1) if name[place].isalpha() and name[place + 1].isalpha()]
    place = chance.choice(places)
    before, here, after = name[:place], name[place], name[place + 1 :]
    return chance.choice(
        (before + after, before + here + here + after, before + after[0] + here + after[1:], before + "e" + after)
    )
