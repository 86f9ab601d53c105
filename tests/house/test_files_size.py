"""Files stay small enough to read in one sitting, and the waist stays narrow."""

from pathlib import Path

from tests.house.source import PORTAL, ROOT

LONGEST = 300  # lines
LONGEST_EVER = 350
CONFTEST = 200
WAIST = {
    "access", "arrivals", "asked_by_hand", "attachments", "by_post", "complete", "covers", "deadlines",
    "disagreements", "extension", "fees", "grounds", "heard", "holds", "incoming", "letter_papers", "letters",
    "lifecycle", "mail_files", "markings", "models", "moves", "naming", "notices", "package_parts", "papers", "parts",
    "promises", "recipients", "redactions", "remedies", "representing", "retention", "returned", "said", "siblings",
    "signing", "strokes", "tasks", "tombstones", "trial", "undo",
}  # fmt: skip
"""The modules of ``cases/``. What knows only one stage belongs in that stage."""


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _long(limit: int) -> list[str]:
    files = [*PORTAL.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "static").rglob("*.js")]
    return sorted(f"{path.relative_to(ROOT)}: {_lines(path)}" for path in files if _lines(path) > limit)


def test_no_file_is_longer_than_350_lines() -> None:
    assert _long(LONGEST_EVER) == []


def test_a_file_beyond_300_lines_is_rare() -> None:
    assert len(_long(LONGEST)) <= 3, _long(LONGEST)


def test_the_common_fixtures_stay_under_200_lines() -> None:
    assert _lines(ROOT / "tests" / "conftest.py") < CONFTEST


def test_the_waist_holds_no_module_that_the_architecture_does_not_name() -> None:
    found = {path.stem for path in (PORTAL / "cases").glob("*.py")} - {"__init__"}
    assert found <= WAIST
