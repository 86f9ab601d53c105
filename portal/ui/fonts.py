"""Makes the web font at set-up: Atkinson Hyperlegible, regular and bold, cut down to the letters of Europe, as woff2.

Both weights lie in one file, so that the first view asks for one font: the axis of weight moves nothing, but from its
middle on each letter gives way to its bold one (the OpenType feature rvrn).

``python -m portal.ui.fonts [folder]`` makes them; the app makes them itself where they are missing. The typeface comes
from its own wheel (SIL Open Font License), so no font file stands in the repository.
"""

import sys
import tempfile
from pathlib import Path

from fontpkg_atkinson_hyperlegible import ROOT
from fontTools import subset
from fontTools.merge import Merger
from fontTools.otlLib.builder import buildStatTable
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._f_v_a_r import Axis
from fontTools.varLib.featureVars import addFeatureVariations

FONTS_DIR = Path(__file__).parents[2] / "static" / "fonts"
NAME = "hyperlegible.woff2"
REGULAR, BOLD = "AtkinsonHyperlegible-Regular.ttf", "AtkinsonHyperlegible-Bold.ttf"
LIGHTEST, BOLDEST, MIDDLE = 400, 700, 0.5
"""Ends of the axis of weight as style sheets count, and where bold begins on it as fonts do, from 0 to 1."""
LETTERS = [
    *range(0x20, 0x7F),  # Basic Latin
    *range(0xA0, 0x180),  # Latin-1 Supplement, Latin Extended-A
    *(0x2013, 0x2014, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2020, 0x2022, 0x2026, 0x2030, 0x2039, 0x203A),
    *(0x20AC, 0x2122, 0x2212, 0x00D7),
]
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "pnum", "case", "ordn", "sups", "frac"]


def make_fonts(folder: Path = FONTS_DIR) -> tuple[Path, ...]:
    """Write the fonts that are missing in ``folder`` and return the paths of all of them.

    A font is written beside its place and moved there, so two processes that start at once do not harm each other.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    if not path.exists():
        _write_whole(path)
    return (path,)


def _write_whole(path: Path) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as drafts:
        regular, bold = (_cut_down(name, Path(drafts)) for name in (REGULAR, BOLD))
        bolder = _bolder(regular, bold)
        _leave_unnamed(bold)
        font = Merger().merge([str(regular), str(bold)])
        letters = font.getGlyphOrder()
        _vary(font, {letters[light]: letters[heavy] for light, heavy in bolder.items()})
        with TTFont(regular) as light:  # merging dates it now; the same wheel gives the same bytes
            font["head"].created, font["head"].modified = light["head"].created, light["head"].modified
        font.flavor, font.recalcTimestamp = "woff2", False
        draft = Path(drafts, path.name)
        font.save(draft)
        draft.replace(path)


def _cut_down(name: str, folder: Path) -> Path:
    options = subset.Options(layout_features=FEATURES, hinting=False, recalc_timestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=LETTERS)
    with subset.load_font(str(ROOT / "files" / name), options) as font:
        cutter.subset(font)
        subset.save_font(font, str(folder / name), options)
    return folder / name


def _bolder(regular: Path, bold: Path) -> dict[int, int]:
    """Return by number of each regular letter that of its bold one, once those of ``bold`` follow behind."""
    with TTFont(regular) as light, TTFont(bold) as heavy:
        ours, theirs, behind = light.getBestCmap(), heavy.getBestCmap(), len(light.getGlyphOrder())
        return {
            light.getGlyphID(ours[sign]): behind + heavy.getGlyphID(theirs[sign]) for sign in ours if sign in theirs
        }


def _leave_unnamed(bold: Path) -> None:
    """Take from the bold letters the signs that they stand for: only the axis of weight leads to them."""
    with TTFont(bold, recalcTimestamp=False) as font:
        for table in font["cmap"].tables:
            table.cmap = {}
        font.save(bold)


def _vary(font: TTFont, bolder: dict[str, str]) -> None:
    """Give ``font`` an axis of weight on which letters give way to bolder ones; the outlines themselves stay."""
    weight = Axis()
    weight.axisTag, weight.axisNameID = "wght", font["name"].addName("Weight")
    weight.minValue, weight.defaultValue, weight.maxValue = LIGHTEST, LIGHTEST, BOLDEST
    font["fvar"] = newTable("fvar")
    font["fvar"].axes = [weight]
    font["gvar"] = newTable("gvar")
    font["gvar"].version, font["gvar"].reserved = 1, 0
    font["gvar"].variations = {name: [] for name in font.getGlyphOrder()}
    addFeatureVariations(font, [([{"wght": (MIDDLE, 1.0)}], bolder)], featureTag="rvrn")
    named = [{"value": LIGHTEST, "name": "Regular", "flags": 2}, {"value": BOLDEST, "name": "Bold"}]
    buildStatTable(font, [{"tag": "wght", "name": "Weight", "values": named}])


if __name__ == "__main__":
    for made in make_fonts(Path(sys.argv[1]) if len(sys.argv) > 1 else FONTS_DIR):
        sys.stdout.write(f"{made} {made.stat().st_size}\n")
