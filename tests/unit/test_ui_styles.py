"""The style sheets: one for the browser, in layers, by the rules of the house, readable in both themes."""

import re
from pathlib import Path

import pytest

from portal.ui.assets import LAYERS, MEDIA_TYPES, STATIC_DIR, fill_shelf, join_styles

CSS = sorted((STATIC_DIR / "css").rglob("*.css"))
TOKENS = (STATIC_DIR / "css" / "tokens.css").read_text(encoding="utf-8")
THEMES = {"light": 0, "dark": 1}
# (text, ground, least contrast): WCAG 2.2, 1.4.3 and 1.4.11, with the goals of ux.md part 3
PAIRS = [
    *((ink, ground, 5.5) for ink in ("ink", "muted", "action") for ground in ("bg", "surface", "sunk")),
    *((ink, "me", 5.5) for ink in ("ink", "muted", "action")),
    *((tone, f"{tone}-tint", 5.5) for tone in ("ok", "warn", "err", "info")),
    *((tone, "surface", 5.5) for tone in ("ok", "warn", "err", "info")),
    *(("ink", f"{tone}-tint", 7) for tone in ("ok", "warn", "err", "info")),
    *((ink, "note", 4.5) for ink in ("ink", "muted", "action")),
    ("on-action", "action", 5.5),
    ("on-action", "action-hover", 5.5),
    *(("border", ground, 3.5) for ground in ("bg", "surface", "sunk")),
    ("focus", "bg", 3.5),
    ("focus", "surface", 3.5),
    ("focus-gap", "action", 3.5),
]


def _code(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _colour(name: str, theme: str) -> tuple[float, ...]:
    found = re.search(rf"--{name}: light-dark\((#[0-9a-f]{{6}}), (#[0-9a-f]{{6}})\)", TOKENS)
    assert found, f"no token --{name} with two colours"
    digits = found[THEMES[theme] + 1][1:]
    return tuple(int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))


def _luminance(colour: tuple[float, ...]) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str, least: float, theme: str) -> None:
    lights = sorted(_luminance(_colour(name, theme)) + 0.05 for name in (text, ground))
    assert lights[1] / lights[0] >= least


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_a_style_sheet_shouts_at_nobody_and_names_no_id(path: Path) -> None:
    code = _code(path)
    selectors = re.findall(r"([^{};]+)\{", code)
    assert "!important" not in code
    assert [selector for selector in selectors if re.search(r"#[A-Za-z]", selector)] == []
    assert "data:" not in code
    assert "http" not in code.replace('[href^="http"]', "")


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_a_style_sheet_uses_only_tokens_that_exist(path: Path) -> None:
    known = set(re.findall(r"(--[a-z0-9-]+):", TOKENS))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", _code(path))) <= known


@pytest.mark.parametrize("path", [path for path in CSS if path.name != "tokens.css"], ids=lambda path: path.name)
def test_colours_stand_in_the_tokens_only(path: Path) -> None:
    drawn = {"print.css", "upload.css"}  # paper is black on white; the specimen card has colours of its own
    assert path.name in drawn or re.findall(r"#[0-9a-fA-F]{3,8}\b", _code(path)) == []


def test_the_sheets_become_one_in_the_order_of_the_layers() -> None:
    joined = join_styles(STATIC_DIR / "css")
    assert joined.startswith(f"@layer {', '.join(LAYERS)};")
    assert joined.count("{") == joined.count("}")
    found = re.findall(r"^@layer ([a-z]+) \{", joined, re.MULTILINE)
    assert list(dict.fromkeys(found)) == list(LAYERS)
    assert len(found) == len(CSS)


def test_another_byte_gives_another_address(tmp_path: Path) -> None:
    for name in ("css/tokens.css", "css/base.css", "css/layout.css", "css/desk.css", "css/print.css", "js/app.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("/* one */", encoding="utf-8")
    (tmp_path / "css" / "components").mkdir()
    (tmp_path / "css" / "components" / "turns.css").write_text(".turns {}", encoding="utf-8")
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    for name in ("hyperlegible.woff2",):
        (fonts / name).write_bytes(b"font")
    first, again = fill_shelf(tmp_path, fonts), fill_shelf(tmp_path, fonts)
    (tmp_path / "js" / "app.js").write_text("/* two */", encoding="utf-8")
    assert first.build == again.build != fill_shelf(tmp_path, fonts).build
    assert all(Path(name).suffix in MEDIA_TYPES for name in first.bodies)
