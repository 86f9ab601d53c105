"""A language 40 % longer than German, with accents on its vowels: what does not break in it breaks in no other."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from ruamel.yaml import YAML

from portal.config import HERE

LANGUAGE, LONGER = "de", 1.4
_KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>)")
_ACCENTS = str.maketrans("aeiouAEIOUäöü", "áéíóúÁÉÍÓÚàòù")


def lengthen(text: str) -> str:
    """Return ``text`` with accents and at least 40 % longer, its placeholders and tags untouched.

    A sentence gets more words of its own kind; a single word gets longer itself.
    """
    parts = _KEPT.split(text)
    plain = "".join(parts[::2])
    missing = round(len(plain) * (LONGER - 1))
    words = [word.strip(".,:;?()“”„«»") for word in plain.split()]
    accented = "".join(part if place % 2 else part.translate(_ACCENTS) for place, part in enumerate(parts))
    if len(words) < 2:
        return _before_the_end(accented, "é" * missing)
    more, place = "", 0
    while len(more) < missing:
        more += f" {words[-1 - place % len(words)]}".translate(_ACCENTS)
        place += 1
    return _before_the_end(accented, more)


def longer_catalogues(folder: Path) -> Path:
    """Write the catalogues into ``folder``, with German replaced by the longer language; return ``folder``."""
    for found in (HERE / "translations").glob("*/LC_MESSAGES/messages.po"):
        with found.open("rb") as file:
            catalogue = read_po(file, locale=found.parent.parent.name)
        if found.parent.parent.name == LANGUAGE:
            for message in catalogue:
                if message.id:
                    said = message.string
                    message.string = lengthen(said) if isinstance(said, str) else tuple(map(lengthen, said or ()))
        target = folder / found.parent.parent.name / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(parents=True)
        with target.open("wb") as file:
            write_mo(file, catalogue)
    return folder


def longer_register(folder: Path) -> Path:
    """Copy the register to ``folder`` with its German texts longer; return ``folder``."""
    shutil.copytree(HERE / "register", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    yaml, path = YAML(), folder / "texts" / f"{LANGUAGE}.yml"
    yaml.width = 10_000
    texts = yaml.load(path)
    _each_leaf(texts, lengthen)
    yaml.dump(texts, path)
    return folder


def speak_longer(app: Flask, catalogues: Path) -> None:
    """Have ``app`` speak with the catalogues of that folder; before its first request."""
    app.extensions["babel"].translation_directories = [str(catalogues)]


def _before_the_end(text: str, more: str) -> str:
    """Put ``more`` before what a sentence ends with."""
    core = text.rstrip(" .:?)”“»")
    return core + more + text[len(core) :]


def _each_leaf(node: object, change: Callable[[str], str]) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str):
                node[key] = change(value)
            else:
                _each_leaf(value, change)
    elif isinstance(node, list):
        for each in node:
            _each_leaf(each, change)
