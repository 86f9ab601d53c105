"""The scripts as they are served: without comments and indentation, and still the same program."""

import gzip
from pathlib import Path

import pytest

from portal.ui.assets import STATIC_DIR, bare_script

SCRIPTS = sorted((STATIC_DIR / "js").glob("*.js"))
OF_THE_COVERING = ("mask", "boxes", "upload", "looks")
MOST = 9_500
"""Bytes, compressed, by which the page with the card may outweigh another; a quarter tells blank and cut pictures."""


def test_comments_and_indentation_are_left_out_and_nothing_else() -> None:
    text = '// why\n/** What.\n *  More. */\nexport function say(it) {\n  // because\n  return it + "//";\n}\n'
    assert bare_script(text) == 'export function say(it) {\nreturn it + "//";\n}\n'


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_text_of_a_script_runs_over_several_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.count("`") % 2 and not line.lstrip().startswith("//")] == []
    assert all(not line.startswith(("//", "/*", "*/")) for line in bare_script(text).splitlines())


def test_the_covering_of_a_card_is_light() -> None:
    texts = [bare_script((STATIC_DIR / "js" / f"{name}.js").read_text(encoding="utf-8")) for name in OF_THE_COVERING]
    assert sum(len(gzip.compress(text.encode())) for text in texts) <= MOST
