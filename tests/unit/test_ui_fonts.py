"""The fonts made at set-up: small, whole for the four languages, made once."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from portal.ui.fonts import NAME, make_fonts

NEEDED = "abcXYZ0123456789 éèêëïîôœçÉÀùäöüßÄÖÜŸŽžőłşığ „“”‘’…–—·«»€%&@"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with freshly made fonts."""
    folder = tmp_path_factory.mktemp("fonts") / "new"
    make_fonts(folder)
    return folder


def test_the_font_holds_the_letters_of_the_four_languages_and_even_figures(folder: Path) -> None:
    with TTFont(folder / NAME) as font:
        assert {letter for letter in NEEDED if ord(letter) not in font.getBestCmap()} == set()
        assert "tnum" in {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}


def test_every_letter_has_a_bold_one_of_another_shape(folder: Path) -> None:
    with TTFont(folder / NAME) as font:
        (record,) = font["GSUB"].table.FeatureVariations.FeatureVariationRecord
        (feature,) = record.FeatureTableSubstitution.SubstitutionRecord
        (number,) = feature.Feature.LookupListIndex
        bolder = font["GSUB"].table.LookupList.Lookup[number].SubTable[0]
        mapping = getattr(bolder, "ExtSubTable", bolder).mapping
        assert set(font.getBestCmap().values()) <= set(mapping)
        shapes = font["glyf"]
        for letter in NEEDED.replace(" ", ""):
            name = font.getBestCmap()[ord(letter)]
            assert shapes[name].getCoordinates(shapes) != shapes[mapping[name]].getCoordinates(shapes), letter


def test_both_weights_weigh_at_most_24_kilobytes(folder: Path) -> None:
    assert (folder / NAME).stat().st_size <= 24_000


def test_fonts_that_are_there_are_left_alone(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {path.name for path in make_fonts(folder)} == {NAME}
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_the_same_wheel_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert [path.read_bytes() for path in make_fonts(tmp_path)] == [path.read_bytes() for path in make_fonts(folder)]
