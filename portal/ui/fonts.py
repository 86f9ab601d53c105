"""Makes the two web fonts at set-up: Atkinson Hyperlegible, cut down to the letters of Europe, as woff2.

``python -m portal.ui.fonts [folder]`` makes them; the app makes them itself where they are missing. The typeface comes
from its own wheel (SIL Open Font License), so no font file stands in the repository.
"""

import sys
import tempfile
from pathlib import Path

from fontpkg_atkinson_hyperlegible import ROOT
from fontTools import subset

FONTS_DIR = Path(__file__).parents[2] / "static" / "fonts"
WEIGHTS = {"regular.woff2": "AtkinsonHyperlegible-Regular.ttf", "bold.woff2": "AtkinsonHyperlegible-Bold.ttf"}
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
    paths = tuple(folder / name for name in WEIGHTS)
    for path in paths:
        if not path.exists():
            _write_whole(path, ROOT / "files" / WEIGHTS[path.name])
    return paths


def _write_whole(path: Path, source: Path) -> None:
    options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False, recalc_timestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=LETTERS)
    with subset.load_font(str(source), options) as font, tempfile.TemporaryDirectory(dir=path.parent) as drafts:
        cutter.subset(font)
        draft = Path(drafts, path.name)
        subset.save_font(font, str(draft), options)
        draft.replace(path)


if __name__ == "__main__":
    for made in make_fonts(Path(sys.argv[1]) if len(sys.argv) > 1 else FONTS_DIR):
        sys.stdout.write(f"{made} {made.stat().st_size}\n")
