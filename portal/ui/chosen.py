"""The files that a form brought: names and contents, nothing judged yet."""

from typing import IO

from flask import request


def uploads(name: str) -> list[tuple[str, IO[bytes]]]:
    """Return name and content of each file that was chosen in the field ``name``."""
    return [(each.filename, each.stream) for each in request.files.getlist(name) if each.filename]
