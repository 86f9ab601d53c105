"""The organisations that take data straight from the portal (Art. 20(2)): a TOML file of the operator."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.config import LANGUAGES, SettingsFault

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
LINES = frozenset({"slug", "name", "address", "language"})


@dataclass(frozen=True, slots=True)
class Receiver:
    """One organisation: its name, and the mail address that gets the links, in its language."""

    slug: str
    name: str
    address: str
    language: str


def load_receivers(path: Path) -> dict[str, Receiver]:
    """Return the receivers of the file at ``path`` by slug; none where it names none.

    Raises:
        SettingsFault: the file cannot be used; every fault is named.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SettingsFault(f"PORTAL_RECEIVERS_FILE ({path}) cannot be used: {fault}") from fault
    if faults := list(_faults(content)):
        raise SettingsFault(f"PORTAL_RECEIVERS_FILE ({path}) cannot be used: {'; '.join(faults)}")
    return {each["slug"]: Receiver(**each) for each in content.get("receiver", [])}


def _faults(content: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name!r} is not known here: only [[receiver]] is" for name in content if name != "receiver")
    listed = content.get("receiver", [])
    if not isinstance(listed, list):
        yield "write [[receiver]], with two brackets, before each organisation"
        return
    seen: set[str] = set()
    for number, each in enumerate(listed, 1):
        if set(each) != LINES or not all(isinstance(value, str) and value.strip() for value in each.values()):
            yield f"receiver {number}: it has the lines {', '.join(sorted(LINES))}, each a text"
            continue
        if not SLUG.fullmatch(each["slug"]) or each["slug"] in seen:
            yield f"receiver {number}: its slug is one of its own, of small letters, digits and hyphens"
        if not ADDRESS.fullmatch(each["address"]):
            yield f"receiver {number}: {each['address']!r} is no mail address"
        if each["language"] not in LANGUAGES:
            yield f"receiver {number}: its language is one of {', '.join(LANGUAGES)}"
        seen.add(each["slug"])
