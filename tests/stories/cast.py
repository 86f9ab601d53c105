"""Who tries what: the stories of impostors, made from the words that tell them apart.

A further mailbox, proof, wish or path is one more member here, with a way to play it in ``plot.py``: the stories that
it needs come by themselves, until every pair that ``PAIRS`` asks for has been told.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import product


class Mailbox(Enum):
    """Where the impostor reads mail."""

    ON_FILE = "in the victim's mailbox"
    OTHER = "in a mailbox of their own"
    CHANGED = "in a mailbox put on file last week"
    NONE = "without a mailbox"


class Proof(Enum):
    """What the impostor shows for who they are."""

    CARD = "with a forged card"
    TALK = "with a good story on the phone"
    NONE = "with nothing to show"
    REPLACED = "with a second picture after a doubt"
    ACCOUNT = "with an account of the app"


class Wish(Enum):
    """What the impostor wants, and does not get."""

    ACCESS = "gets no copy"
    PORT = "takes no data elsewhere"
    ERASE = "has nothing deleted"
    RECTIFY = "has nothing corrected"
    RESTRICT = "has no use paused"
    OBJECT = "has no use ended"
    WITHDRAW = "takes back no permission"
    MARKETING = "stops no newsletter"

    @property
    def right(self) -> str:
        """The slug of the right."""
        return "object" if self is Wish.MARKETING else self.name.lower()


class Path(Enum):
    """The way in."""

    PORTAL = "by a plain request"
    DECIDED_TWICE = "by a request that is answered and opened again"
    DUPLICATE = "beside the victim's own request"
    HANDED_ON = "while the desk hands the request on"
    RECTIFIED = "after another address was asked for"
    LINKED = "by two requests sent together"
    MAIL = "by a mail that anybody could write"
    COUNTER = "at the counter"
    LETTER = "by a letter that anybody could post"


ELSEWHERE = frozenset({Path.MAIL, Path.COUNTER, Path.LETTER})
"""Ways in that confirm no mailbox: a name and an address that somebody wrote, or said."""
AT_ONCE = frozenset({Wish.WITHDRAW, Wish.MARKETING})
"""What is carried out at once for who reads a mailbox on file, and asks no card."""
PICTURES = frozenset({Proof.CARD, Proof.REPLACED})


@dataclass(frozen=True, slots=True)
class Story:
    """One attempt."""

    mailbox: Mailbox
    proof: Proof
    wish: Wish
    path: Path

    def __str__(self) -> str:
        """Tell it in a sentence."""
        return f"an impostor {self.mailbox.value} {self.proof.value} {self.wish.value} {self.path.value}"

    @property
    def held(self) -> bool:
        """Whether the address is not on file, or nobody confirmed it: then who is must be told, and 72 hours pass."""
        return self.mailbox is not Mailbox.ON_FILE or self.path in ELSEWHERE

    @property
    def fooled(self) -> bool:
        """Whether the desk takes the impostor for the victim: then only the notice can stop it.

        Who reads the very mailbox on file gets no notice in the way: there the desk sees what is wrong.
        """
        return self.held and self.proof is not Proof.NONE

    @property
    def can_be(self) -> bool:
        """Whether it is an attack: what is for the asking from a mailbox on file is not, and asks no picture."""
        if self.wish in AT_ONCE and (not self.held or self.proof in PICTURES):
            return False
        if self.path in ELSEWHERE and self.proof is Proof.ACCOUNT:
            return False
        if self.path is Path.MAIL and self.mailbox is Mailbox.OTHER:
            return False  # leads to nobody: a mail does not say which other address is known
        if self.mailbox is Mailbox.NONE or self.path is Path.LETTER:
            return self._can_be_on_paper
        return not (self.path is Path.RECTIFIED and self.wish is Wish.RECTIFY)

    @property
    def _can_be_on_paper(self) -> bool:
        """Whether it comes by letter or at the counter: who has no mailbox has no page to send a second picture on."""
        by_hand = self.path in {Path.COUNTER, Path.LETTER} and self.mailbox is Mailbox.NONE
        return by_hand and self.proof is not Proof.REPLACED


PAIRS: tuple[tuple[str, str], ...] = (("mailbox", "proof"), ("mailbox", "path"), ("proof", "path"), ("mailbox", "wish"))
"""What must meet: in some story each of the one with each of the other, where that can be."""


def pairs(story: Story) -> set[tuple[Enum, Enum]]:
    """Return what meets in ``story``, of what must."""
    return {(getattr(story, one), getattr(story, other)) for one, other in PAIRS}


def all_stories() -> list[Story]:
    """Return every story that can be."""
    return [story for parts in product(Mailbox, Proof, Wish, Path) if (story := Story(*parts)).can_be]


def choose(stories: list[Story], at_least: int) -> list[Story]:
    """Return few of ``stories`` in which everything meets that can, and nothing is rare; always the same ones."""
    missing = {pair for story in stories for pair in pairs(story)}
    told: Counter[Enum] = Counter()
    chosen: list[Story] = []
    while missing or len(chosen) < at_least:
        best = max((each for each in stories if each not in chosen), key=lambda each: _worth(each, missing, told))
        missing -= pairs(best)
        told.update(_words(best))
        chosen.append(best)
    return chosen


def _worth(story: Story, missing: set[tuple[Enum, Enum]], told: Mapping[Enum, int]) -> tuple[int, int]:
    return len(missing & pairs(story)), -sum(told.get(word, 0) for word in _words(story))


def _words(story: Story) -> tuple[Enum, ...]:
    return story.mailbox, story.proof, story.wish, story.path


STORIES = choose(all_stories(), at_least=40)
