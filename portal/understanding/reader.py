"""Reads messages once the encoder is there; until then, or without it, people choose by button."""

import logging
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

from portal.understanding.contact import without_contact
from portal.understanding.encoder import Encoder, Matrix
from portal.understanding.hints import Hints, hints
from portal.understanding.labels import CLASSES, COMPLAINT, LABELS, NONE, ROUTES
from portal.understanding.model import WEIGHTS, Head, by_class, load_head
from portal.understanding.reading import Reading, Understanding
from portal.understanding.several import several
from portal.understanding.text import Message, message

UNUSABLE = (ImportError, OSError, ValueError, KeyError, EOFError, BadZipFile)
"""What loading raises when the encoder is not installed, or the weights are missing or are not ours."""

_LOG = logging.getLogger(__name__)
_SILENT = Reading(
    tuple((each, 1.0 if each == NONE else 0.0) for each in (NONE, *(each for each in CLASSES if each != NONE))),
    "vague",
    (),
    Hints(),
)
"""The reading of a message without a letter or a digit, or in a script that nothing here was trained on."""
_LATIN = re.compile("[A-Za-zªºÀ-ɏḀ-ỿ]")


class Engine:
    """The encoder with its head: reads at once, and may be used by several threads."""

    def __init__(self, head: Head, encoder: Encoder) -> None:
        """Read with ``head`` over ``encoder``."""
        self._head, self._encoder = head, encoder

    @classmethod
    def load(cls, weights: Path = WEIGHTS) -> "Engine":
        """Return the engine with the weights kept in ``weights``; 1.5 seconds and 150 MB.

        Raises:
            UNUSABLE: the encoder is not installed, or the weights are missing or are not ours.
        """
        return cls(load_head(weights), Encoder())

    def read(self, text: str, language: str) -> Reading:
        """Return what ``text`` may mean. The language is not used: people write in another than the page's."""
        whole = message(without_contact(text))
        if not _is_readable(whole.whole):
            return _SILENT
        labels = self._head.probabilities([whole], self._encoder)
        shares = by_class(labels)[0]
        ranking = sorted(zip(CLASSES, shares.tolist(), strict=True), key=lambda pair: -pair[1])
        asked = several(whole, shares, self._shares)
        return Reading(
            tuple(ranking),
            _route(ranking[0][0], dict(zip(LABELS, labels[0].tolist(), strict=True))),
            tuple(each.right for each in asked),
            hints(text),
            tuple((each.right, hints(each.said)) for each in asked),
        )

    def _shares(self, messages: Sequence[Message]) -> Matrix:
        return by_class(self._head.probabilities(messages, self._encoder))


class Reader:
    """An understanding whose engine loads in the background, once per process: a thread does not survive a fork."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        """Prepare; ``start`` loads, or else the first who asks whether it is ready."""
        self._weights = weights
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._loading: tuple[int, threading.Thread] | None = None

    @property
    def started(self) -> bool:
        """Whether loading has begun in this process."""
        return self._loading is not None and self._loading[0] == os.getpid()

    def start(self) -> threading.Thread:
        """Begin to load if nothing did in this process, and return the thread that loads."""
        with self._lock:
            if self._loading is None or self._loading[0] != os.getpid():
                self._loading = (os.getpid(), threading.Thread(target=self._load, name="understanding", daemon=True))
                self._loading[1].start()
            return self._loading[1]

    def ready(self) -> bool:
        """Return whether messages can be read now; begins to load when nothing did yet."""
        if self._engine is None:
            self.start()
        return self._engine is not None

    def read(self, text: str, language: str) -> Reading | None:
        """Return what ``text`` may mean, or None while not ready; who asks too early has it begin to load."""
        engine = self._engine if self.ready() else None
        return engine.read(text, language) if engine else None

    def _load(self) -> None:
        try:
            engine = Engine.load(self._weights)
            engine.read("warm", "")  # the first reading fills caches; nobody should wait for that
        except UNUSABLE as fault:
            _LOG.warning("free text is not understood, people choose by button: %s", fault)
        else:
            self._engine = engine


class _Absent:
    def ready(self) -> bool:
        return False

    def read(self, text: str, language: str) -> Reading | None:
        return None


def absent() -> Understanding:
    """Return an understanding that never guesses, so that people choose by button."""
    return _Absent()


def load(weights: Path = WEIGHTS, at_once: bool = True) -> Understanding:
    """Return an understanding that loads in the background; the call itself returns before it has.

    Without ``at_once`` loading begins when somebody first asks whether it is ready; a command never does.
    """
    reader = Reader(weights)
    if at_once:
        reader.start()
    return reader


def _is_readable(text: str) -> bool:
    """Say whether there is something to read in ``text``, most of it in the letters of the four languages."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return any(char.isdigit() for char in text)
    return 2 * sum(bool(_LATIN.match(char)) for char in letters) >= len(letters)


def _route(best: str, labels: dict[str, float]) -> str:
    if best == NONE:
        return max(ROUTES, key=lambda route: labels[f"{NONE}/{route}"])
    return COMPLAINT if best == COMPLAINT else ""
