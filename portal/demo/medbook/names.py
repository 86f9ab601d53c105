"""Names for made-up people, by language, and the addresses made from them. Nobody here exists."""

import unicodedata
from random import Random

GIVEN: dict[str, tuple[str, ...]] = {
    "nl": (
        *("Anke", "Bram", "Daan", "Eline", "Fien", "Gijs", "Hanne", "Ilse", "Joris", "Katrijn", "Lotte", "Maarten"),
        *("Noor", "Pieter", "Roos", "Stijn", "Tine", "Wout", "Yannick", "Zoë", "Dieter", "Goedele", "Hilde", "Joost"),
    ),
    "fr": (
        *("Aurélie", "Benoît", "Chloé", "Damien", "Élodie", "François", "Gaëlle", "Hervé", "Inès", "Jérôme"),
        *("Maëlle", "Noémie", "Océane", "Raphaël", "Solène", "Thibault", "Valérie", "Zélie"),
    ),
    "de": (
        *("Anneliese", "Bärbel", "Dörte", "Florian", "Günther", "Heike", "Jörg", "Käthe", "Lukas", "Mareike"),
        *("Rüdiger", "Sören", "Ulrike", "Wolfgang"),
    ),
    "en": (
        *("Siobhán", "Oliver", "Priya", "Callum", "Fiona", "Gwendolyn", "Hamish", "Niamh", "Rhys", "Tamsin"),
        *("Oisín", "Zadie", "Małgorzata", "Øyvind", "Åsa", "Yiğit"),
    ),
}

FAMILY: dict[str, tuple[str, ...]] = {
    "nl": (
        *("Aerts", "Bogaerts", "Claes", "De Smedt", "Everaert", "Goossens", "Hermans", "Jacobs", "Lemmens", "Maes"),
        *("Nijs", "Pauwels", "Segers", "Thijs", "Van den Broeck", "van 't Hoff", "Verhaeghe", "Wuyts", "D'Hondt"),
        *("Coppens", "Michiels", "Smets", "Vermeulen", "Boonen"),
    ),
    "fr": (
        *("Lambert", "Dupont", "Lefèvre", "Marchal", "N’Diaye", "Leclercq", "Delvaux", "Gérard", "Bodart", "Collignon"),
        *("Évrard", "Noël", "Piérard", "Wéry", "d’Oultremont", "Saint-Amand"),
    ),
    "de": (
        *("Schröder", "Weiß", "Königsberger", "Vogel", "Brüning", "Hölzl", "Jäger", "Straßburger", "Pfeiffer"),
        *("Zimmermann", "von der Heydt", "Großmann"),
    ),
    "en": (
        *(
            "O'Connor",
            "Fitzgerald",
            "MacLeod",
            "Ó Súilleabháin",
            "Wójcik",
            "Ødegård",
            "Çelik",
            "Whitfield",
            "Ní Bhriain",
        ),
        *("Hawthorne", "Okafor", "Ramanathan"),
    ),
}

WRITTEN_OTHERWISE: tuple[tuple[str, str], ...] = (
    ("Żaneta Żółć", "zaneta.zolc"),
    ("Оксана Шевченко", "oksana.shevchenko"),
    ("ليلى حداد", "layla.haddad"),
    ("Дмитро Коваленко", "dmytro.kovalenko"),
    ("Θεοδώρα Παπαδοπούλου", "theodora.papadopoulou"),
    ("李小明", "xiaoming.li"),
    ("Eoghan Ó Súilleabháin", "eoghan.osuilleabhain"),
)
"""Full names in letters that an address cannot hold, each with the part before the @."""

THIRD_PERSONS: dict[str, tuple[str, ...]] = {
    "nl": ("mevrouw Godelieve Vanhove", "Rik Steurbaut", "zuster Marleen Quintens", "dokter Ewoud Tuinstra"),
    "fr": ("madame Huguette Vandamme-Roche", "Gaston Ribaucourt", "l’infirmière Odile Chantraine"),
    "de": ("Frau Irmgard Oberlechner", "Herr Balthasar Nüsslein", "Schwester Gerlinde Tschapke"),
    "en": ("Mrs Winifred Ashcombe", "Mr Barnaby Thistlewood", "nurse Philippa Quarles"),
}
"""Patients and colleagues without an account, for free text."""

STAFF = ("Tom Wellens", "Nadia Bourgeois", "Elke Rademakers", "Yusuf Karadağ")
"""Medbook's own made-up helpdesk."""

_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "ß": "ss", "đ": "d", "ı": "i", "æ": "ae", "'": "", "’": "", " ": "", "-": ""}
)


def mailbox(given: str, family: str) -> str:
    """Return the part of an address before the @, in plain letters: ``zoe.vanthoff``."""
    return ".".join(_plain(part) for part in (given, family))


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


class NameBook:
    """Hands out names and mailboxes so that none is a part of another: a search for one person finds nobody else."""

    def __init__(self, taken: list[tuple[str, str]]) -> None:
        self._taken = [(name.lower(), box) for name, box in taken]

    def fresh(self, chance: Random, language: str) -> tuple[str, str]:
        """Return a full name in ``language`` and its mailbox, unlike all before."""
        while True:
            given, family = chance.choice(GIVEN[language]), chance.choice(FAMILY[language])
            second, other = chance.choice(GIVEN[language]), chance.choice(FAMILY[language])
            if second != given and chance.random() < 0.25:
                given = f"{given}-{second}"
            if other != family and chance.random() < 0.25:
                family = f"{family}-{other}"
            found = f"{given} {family}", mailbox(given, family)
            if self.take(*found):
                return found

    def take(self, name: str, box: str) -> bool:
        """Note ``name`` and ``box`` as given out; False when one of them contains, or stands in, another."""
        small = name.lower()
        for other, other_box in self._taken:
            if small in other or other in small or box in other_box or other_box in box:
                return False
        self._taken.append((small, box))
        return True
