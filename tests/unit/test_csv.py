"""Cells of the CSV files: nothing that a spreadsheet runs, and every text comes back as it was."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ui.csvsafe import safe, unsafe

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠x", "﹦1", "⁺1", "﹣1",
    "\u00a0=1", "\u200b=1", "\ufeff=1", "\u2028=1", "\x00=1", "=cmd|' /C calc'!A0", "'=1", "-5", "\t", "\r\n",
]  # fmt: skip
HARMLESS = ["", "Ada", "1", "a=b", "e-mail", "Żółw", "1-2", "o'clock", "\u0301x"]

dangerous = st.sampled_from([*"=+-@'\t\r\n ＝＋－＠", "\u200b", "\u00a0", '"', ",", ";"])
texts = st.text(st.one_of(dangerous, st.characters(codec="utf-8")))


def runs(cell: str) -> bool:
    plain = unicodedata.normalize("NFKC", cell).strip()
    return cell[:1] in {"\t", "\r", "\n"} or plain[:1] in {"=", "+", "-", "@"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_cell_is_never_run_and_comes_back(text: str) -> None:
    assert not runs(safe(text))
    assert safe(text).startswith("'")
    assert unsafe(safe(text)) == text


@pytest.mark.parametrize("text", HARMLESS[1:])
def test_a_harmless_cell_is_left_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_no_value_and_an_empty_text_stay_different() -> None:
    assert safe(None) == ""
    assert unsafe(safe(None)) is None
    assert unsafe(safe("")) == ""


@given(st.one_of(st.none(), texts))
def test_any_text_comes_back_and_none_can_run(text: str | None) -> None:
    assert unsafe(safe(text)) == text
    assert not runs(safe(text))


@given(st.lists(st.lists(st.one_of(st.none(), texts), min_size=2, max_size=2), min_size=1))
def test_a_whole_file_comes_back(rows: list[list[str | None]]) -> None:
    kept = [[text.replace("\0", "") if text else text for text in row] for row in rows]
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([[safe(text) for text in row] for row in kept])
    file.seek(0)
    assert [[unsafe(cell) for cell in row] for row in csv.reader(file)] == kept
