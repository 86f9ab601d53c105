"""The text blocks: each right has some, in four languages, short and calm; a file that cannot be used is named."""

import re
import shutil
from pathlib import Path

import pytest

from portal.config import HERE, LANGUAGES
from portal.review.blocks import BlocksFaulty, load_blocks, put_in
from portal.review.blocks import Offered as Block
from portal.rights import RIGHTS

FOLDER = HERE / "review" / "text_blocks"
LONGEST = 24  # words
GOOD = FOLDER / "restrict.toml"


def test_every_right_has_blocks_for_a_grant_and_for_a_refusal() -> None:
    for right, blocks in load_blocks(FOLDER, RIGHTS).items():
        own = {outcome for block in blocks if len(block.outcomes) == 1 for outcome in block.outcomes}
        assert {"grant", "refuse"} <= own, right


@pytest.mark.parametrize("language", LANGUAGES)
def test_blocks_are_short_calm_and_never_empty(language: str) -> None:
    for blocks in load_blocks(FOLDER, RIGHTS).values():
        for block in blocks:
            assert "!" not in block.text[language]
            for sentence in re.split(r"(?<=[.?])\s", block.text[language]):
                assert 0 < len(sentence.split()) <= LONGEST, sentence


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('outcome = "maybe"', "its outcome is none of"),
        ('place = "footer"', "its place is none of"),
        ("", "it has no slug"),
    ],
)
def test_a_block_that_cannot_be_used_is_named(tmp_path: Path, wrong: str, told: str) -> None:
    name = wrong.partition(" ")[0] or "slug"
    text = re.sub(rf"^{name} = .*$", wrong, GOOD.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert told in faults(tmp_path, text)


@pytest.mark.parametrize("gap", ["{name}", "{reference.__class__}", "{due!r}", "{"])
def test_a_gap_that_nobody_fills_is_named(tmp_path: Path, gap: str) -> None:
    text = GOOD.read_text(encoding="utf-8").replace("We keep", f"We {gap} keep")
    assert "the text in 'en'" in faults(tmp_path, text)


def test_a_language_that_is_missing_and_a_file_of_no_right_are_named(tmp_path: Path) -> None:
    text = re.sub(r"^fr = .*\n", "", GOOD.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert "its title is missing in 'fr'" in faults(tmp_path, text)
    (tmp_path / "blocks" / "eighth.toml").write_text("", encoding="utf-8")
    assert "eighth.toml belongs to no right" in faults(tmp_path, text, fresh=False)


def test_a_block_is_put_below_what_stands_there_already() -> None:
    block = Block("b", ("grant",), "reason", "Title", "New.")
    assert put_in({"reason": "Old. ", "x": "1"}, "b", (block,)) == {"reason": "Old.\nNew.", "x": "1"}
    assert put_in({"reason": "Old."}, "other", (block,)) == {"reason": "Old."}


def faults(tmp_path: Path, text: str, *, fresh: bool = True) -> str:
    folder = tmp_path / "blocks"
    if fresh:
        shutil.copytree(FOLDER, folder)
    (folder / GOOD.name).write_text(text, encoding="utf-8")
    with pytest.raises(BlocksFaulty) as told:
        load_blocks(folder, RIGHTS)
    return str(told.value)
