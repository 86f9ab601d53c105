"""The ladder of proof: which file is taken, which is refused with what words, and that it never asks more."""

from pathlib import Path

import pytest

from portal.config import HERE
from portal.rights import RIGHTS
from portal.rights.base import ABOUT, Proof
from portal.rights.ladder import Ladder, LadderFaulty, load_ladder

SHIPPED = HERE / "identity.toml"
MARKETING = {ABOUT: ["marketing"]}


def read(folder: Path, content: str) -> Ladder:
    path = folder / "identity.toml"
    path.write_text(content, encoding="utf-8")
    return load_ladder(path, RIGHTS)


def refused(folder: Path, content: str) -> tuple[str, ...]:
    with pytest.raises(LadderFaulty) as fault:
        read(folder, content)
    assert "PORTAL_LADDER_FILE" in str(fault.value)
    return fault.value.faults


def test_the_shipped_file_names_every_right_and_asks_what_the_policy_does() -> None:
    ladder = load_ladder(SHIPPED, RIGHTS)
    assert set(ladder.rungs) == {*RIGHTS, "object:marketing"}
    for right in RIGHTS.values():
        assert ladder.rungs[right.slug] is ladder.proof(right, {}) is right.proof({})
    assert ladder.proof(RIGHTS["object"], MARKETING) is ladder.rungs["object:marketing"] is Proof.EMAIL


def test_a_right_set_to_email_asks_no_card_and_the_others_still_do(tmp_path: Path) -> None:
    ladder = read(tmp_path, '[proof]\nrestrict = "email"\n')
    asked = {slug for slug, right in RIGHTS.items() if ladder.asks_card(right, {})}
    assert asked == {"access", "rectify", "erase", "object", "port"}


def test_a_stated_objection_never_raises_the_one_to_marketing(tmp_path: Path) -> None:
    ladder = read(tmp_path, '[proof]\nobject = "id_front"\n')
    assert ladder.asks_card(RIGHTS["object"], {ABOUT: ["usage"]})
    assert not ladder.asks_card(RIGHTS["object"], MARKETING)


@pytest.mark.parametrize(("rung", "article"), [("withdraw", "7(3)"), ('"object:marketing"', "21(2)")])
def test_what_the_law_wants_easy_cannot_be_raised_and_the_fault_cites_it(
    tmp_path: Path, rung: str, article: str
) -> None:
    (fault,) = refused(tmp_path, f'[proof]\n{rung} = "id_front"\n')
    assert "is refused" in fault
    assert f"Art. {article}" in fault
    assert fault.endswith('use "email"')


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    content = '[proof]\naccess = "passport"\nport = ["email"]\nforget = "email"\nwithdraw = "id_front"\n[other]\n'
    faults = refused(tmp_path, content)
    starts = ("'other' is not known", "access = 'passport'", "port = ['email']", "'forget' is no right", "withdraw =")
    assert all(fault.startswith(start) for fault, start in zip(faults, starts, strict=True)), faults


@pytest.mark.parametrize("content", ["", "proof = 1", "[proof\n"])
def test_a_file_without_a_table_of_proofs_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(tmp_path, content)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LadderFaulty, match="PORTAL_LADDER_FILE"):
        load_ladder(tmp_path / "none.toml", RIGHTS)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(LadderFaulty, match="PORTAL_LADDER_FILE"):
        load_ladder(tmp_path / "bytes.toml", RIGHTS)
