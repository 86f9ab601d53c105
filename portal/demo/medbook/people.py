"""The made-up people of the demo: who they are, and the few who are shown. Their rows are made in ``history_*``."""

from dataclasses import dataclass, replace
from random import Random

from portal.demo.medbook.names import WRITTEN_OTHERWISE, NameBook

NEIGHBOURS = 12
"""Pairs of people with the same full name, whose addresses differ in one character."""

MOVED = frozenset({41, 42})
"""Account numbers of the two whose address on file changed within the last 30 days."""

LANGUAGES = ("nl", "fr", "de", "en")


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person. What stands here does not depend on the day the demo is built.

    Args:
        account_id: number of the account; 0 for who has none (a company's contact).
        wealth: how much there is about them: 0 the account row alone, 3 something in every table.
        years: for how many years they have had an account.
        moved: whether the address on file changed within the last 30 days.
    """

    account_id: int
    full_name: str
    email: str
    language: str
    country: str
    wealth: int
    years: int
    role: str = "doctor"
    former_email: str | None = None
    phone: str | None = None
    licence_number: str | None = None
    ip: str = ""
    moved: bool = False
    shown: bool = False

    @property
    def given_name(self) -> str:
        """The first word of the name."""
        return self.full_name.split()[0]


SHOWN: dict[str, Person] = {
    "access": Person(1, "Lies Janssens", "lies.janssens@example.com", "nl", "BE", 3, 12),
    "rectify": Person(2, "Claire Dubois-Leroy", "claire.dubois@example.org", "fr", "BE", 3, 9, "supervisor"),
    "withdraw": Person(3, "Jonas Müller-Thurgau", "jonas.mueller@example.com", "de", "DE", 3, 7),
    "port": Person(4, "Grace O'Sullivan", "grace.osullivan@example.com", "en", "IE", 3, 8),
    "erase": Person(5, "Sanne van der Zwaluw", "sanne.vanderzwaluw@example.org", "nl", "NL", 3, 13, "supervisor"),
    "restrict": Person(6, "Amélie Żółtowska", "amelie.zoltowska@example.com", "fr", "FR", 3, 6),
    "object": Person(7, "Emil Østergård-Groß", "emil.oestergaard@example.org", "de", "DE", 3, 11),
}
"""One person per right, each with something in every table. The first is the README's."""

LOOKALIKE = Person(8, "Lies Jansens", "lies.jansens@example.com", "nl", "BE", 2, 5)
"""Whose name and address differ from the first person's in one letter."""

CONTACT = Person(0, "Petra Wouters-Ó Briain", "petra.wouters@example.org", "nl", "BE", 3, 6, "contact")
"""Who acts for a supplier: reachable by e-mail, without an account."""


def make_people(people: int, seed: int) -> list[Person]:
    """Return ``people`` made-up persons with an account, the same for the same ``seed``; the shown ones come first."""
    chance = Random(seed)
    fixed = [*SHOWN.values(), LOOKALIKE]
    book = NameBook([_name_and_box(person) for person in [*fixed, CONTACT]])
    found = [_complete(replace(person, shown=person is not LOOKALIKE)) for person in fixed]
    for full_name, box in WRITTEN_OTHERWISE:
        book.take(full_name, box)
        found.append(_someone(chance, len(found) + 1, full_name, box))
    for number in range(NEIGHBOURS):
        full_name, box = book.fresh(chance, LANGUAGES[number % 4])
        found += [_someone(chance, len(found) + turn, full_name, f"{box}{turn}", number == 0) for turn in (1, 2)]
    while len(found) < people:
        full_name, box = book.fresh(chance, chance.choices(LANGUAGES, (55, 20, 12, 13))[0])
        found.append(_someone(chance, len(found) + 1, full_name, box))
    return found[:people]


def neighbours(people: list[Person]) -> list[tuple[Person, Person]]:
    """Return the pairs among ``people`` that share a full name."""
    first: dict[str, Person] = {}
    pairs = []
    for person in people:
        if person.full_name in first:
            pairs.append((first[person.full_name], person))
        else:
            first[person.full_name] = person
    return pairs


def contact() -> Person:
    """Return the supplier's contact, complete."""
    return replace(CONTACT, phone="+3216961177", shown=True)


def _name_and_box(person: Person) -> tuple[str, str]:
    return person.full_name, person.email.partition("@")[0]


def _someone(chance: Random, account_id: int, full_name: str, box: str, rich: bool = False) -> Person:
    language = chance.choices(LANGUAGES, (55, 20, 12, 13))[0]
    country = {"nl": chance.choice(("BE", "NL")), "fr": "BE", "de": "DE", "en": chance.choice(("NL", "IE"))}[language]
    moved = account_id in MOVED
    wealth = chance.choices((0, 1, 2, 3), (8, 30, 50, 12))[0]
    person = Person(
        account_id,
        full_name,
        f"{box}@{'example.com' if account_id % 3 or rich or box[-1].isdigit() else 'example.org'}",
        language,
        country,
        wealth=3 if rich else max(2, wealth) if moved else wealth,
        years=chance.randint(1, 13),
        role=chance.choices(("doctor", "trainee", "supervisor"), (50, 35, 15))[0],
        moved=moved,
    )
    return _complete(person) if person.wealth else person


def _complete(person: Person) -> Person:
    number = person.account_id
    licence = {"BE": f"1{number * 7919 % 100_000:05d}{number:05d}", "NL": f"190{number * 6091 % 1000:03d}{number:05d}"}
    return replace(
        person,
        former_email=f"{person.email.partition('@')[0]}@hospital.example.org" if person.wealth > 1 else None,
        phone=f"+32470{number * 37 % 100:02d}{number:04d}" if person.wealth > 1 or number % 3 else None,
        licence_number=licence.get(person.country, f"LIC{number * 7333 % 100_000:05d}{number:05d}"),
        ip="203.0.113.7" if number == 1 else f"2001:db8::{number:x}",
    )
