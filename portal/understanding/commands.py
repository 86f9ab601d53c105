"""What an operator can call: read messages as JSON lines, and make the weights anew. Neither needs the database."""

import json
from pathlib import Path
from typing import Any

from portal.understanding.bank import PHRASES, digest, load_bank
from portal.understanding.model import WEIGHTS, save_head
from portal.understanding.reader import Engine
from portal.understanding.reading import Reading

LONGEST_LINE = 1024 * 1024  # characters


def answer(engine: Engine, line: str) -> dict[str, Any]:
    """Return the answer to one line ``{"text", "lang"}``; a line that is not that gets ``{"error"}``."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return {"error": "not JSON"}
    if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
        return {"error": "no text"}
    language = asked.get("lang")
    return as_json(engine.read(asked["text"], language if isinstance(language, str) else ""))


def as_json(reading: Reading) -> dict[str, Any]:
    """Return ``reading`` as it is printed; ``right`` is the best of the nine classes."""
    return {
        "right": reading.ranking[0][0],
        "ranking": [[name, round(score, 4)] for name, score in reading.ranking],
        "route": reading.route,
        "several": list(reading.several),
        "hints": {"activities": list(reading.hints.activities), "email": reading.hints.email},
    }


def train_weights(cache: Path, out: Path = WEIGHTS, folder: Path = PHRASES) -> int:
    """Make the weights from the bank in ``folder``, write them to ``out`` and return how many messages were learnt.

    Raises:
        ImportError: scipy is missing; it comes with what tests need.
        BankFault: a row of the bank cannot be used.
    """
    from portal.understanding.training import prepare, train  # scipy is no part of what the portal needs to run

    phrases = load_bank(folder)
    save_head(train(prepare(phrases, cache)), digest(phrases), out)
    return len(phrases)
