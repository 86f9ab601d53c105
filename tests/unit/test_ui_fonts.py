"""The fonts made at set-up: small, whole for the four languages, made once."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from portal.ui.fonts import make_fonts

NEEDED = "abcXYZ0123456789 éèêëïîôœçÉÀùäöüßÄÖÜŸŽžőłşığ „“”‘’…–—·«»€%&@"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with freshly made fonts."""
    folder = tmp_path_factory.mktemp("fonts") / "new"
    make_fonts(folder)
    return folder


@pytest.mark.parametrize("name", ["regular.woff2", "bold.woff2"])
def test_a_font_holds_the_letters_of_the_four_languages_and_even_figures(folder: Path, name: str) -> None:
    with TTFont(folder / name) as font:
        assert {letter for letter in NEEDED if ord(letter) not in font.getBestCmap()} == set()
        assert "tnum" in {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}


@pytest.mark.parametrize("name", ["regular.woff2", "bold.woff2"])
def test_a_font_weighs_at_most_13_kilobytes(folder: Path, name: str) -> None:
    assert (folder / name).stat().st_size <= 13_000


def test_fonts_that_are_there_are_left_alone(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {path.name for path in make_fonts(folder)} == {"regular.woff2", "bold.woff2"}
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_the_same_wheel_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert [path.read_bytes() for path in make_fonts(tmp_path)] == [path.read_bytes() for path in make_fonts(folder)]
