"""Templates obey the content security policy and never trust text: nothing inline, nothing marked as safe."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT, calls, modules

TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
PAGES = [path for path in TEMPLATES if path.suffix == ".html" and "mail" not in path.relative_to(ROOT).parts]
SHOWN_OFFLINE = "package"  # read from a disk: its one style sheet stands in the page itself
MAY_MARK_SAFE = (
    "portal/ui/filters.py",  # built from escaped parts only
    "portal/fulfilment/readable.py",  # rows whose every value it escaped itself
    "portal/review/paper.py",  # what a macro, itself escaping, wrote
)

UNSAFE = re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\b")
INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<[a-z][^>]*\s(?:style|on[a-z]+)\s*=|javascript:", re.IGNORECASE)
STYLE = re.compile(r"<style", re.IGNORECASE)
REMOTE = re.compile(r"<(?!a\b)[a-z][^>]*\s(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)


def _text(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_are_templates() -> None:
    assert TEMPLATES


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_template_marks_text_as_safe(path: Path) -> None:
    assert UNSAFE.findall(_text(path)) == []


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_no_page_holds_script_or_style_of_its_own(path: Path) -> None:
    text = _text(path)
    assert INLINE.findall(text) == []
    assert SHOWN_OFFLINE in path.parts or STYLE.findall(text) == []


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".html"], ids=_name)
def test_no_page_or_mail_loads_anything_from_elsewhere(path: Path) -> None:
    assert REMOTE.findall(_text(path)) == []


def test_python_marks_no_text_as_safe_except_in_one_place() -> None:
    found = [
        f"{path}:{call.lineno}"
        for path, tree in modules()
        if path not in MAY_MARK_SAFE
        for call in calls(tree, "Markup", "render_template_string")
    ]
    assert found == []
