"""Making the weights: the same bank gives the same head, and the shipped one is made from the shipped bank."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from portal.cli import train_understanding_command
from portal.understanding.bank import Phrase, digest, load_bank
from portal.understanding.commands import train_weights
from portal.understanding.encoder import Encoder
from portal.understanding.labels import LABELS
from portal.understanding.model import WEIGHTS, learnt_from, load_head
from portal.understanding.text import message
from portal.understanding.training import prepare, train


@pytest.fixture(scope="module")
def few() -> list[Phrase]:
    return load_bank()[::40]


def test_the_shipped_weights_are_made_from_the_shipped_bank() -> None:
    assert learnt_from(WEIGHTS) == digest(load_bank())


def test_the_same_bank_gives_the_same_head(few: list[Phrase]) -> None:
    bank = prepare(few)
    one, other = train(bank, steps=10), train(bank, steps=10)
    assert (one.near == other.near).all()
    assert (one.pieces == other.pieces).all()
    assert (one.bias == other.bias).all()


def test_what_was_learnt_is_known(few: list[Phrase]) -> None:
    head = train(prepare(few))
    read = head.probabilities([message(phrase.text) for phrase in few], Encoder()).argmax(1)
    assert np.mean([LABELS[best] in phrase.labels for best, phrase in zip(read, few, strict=True)]) > 0.95


def test_what_was_encoded_once_is_kept(few: list[Phrase], tmp_path: Path) -> None:
    cache = tmp_path / "deeper" / "cache.npz"
    first = prepare(few, cache)
    kept = cache.stat().st_mtime_ns
    again = prepare(few, cache)
    assert cache.stat().st_mtime_ns == kept
    assert (again.encoded.whole == first.encoded.whole).all()
    assert (again.encoded.said == first.encoded.said).all()
    assert (again.encoded.meaning == first.encoded.meaning).all()


def test_an_operator_hears_which_row_of_the_bank_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "nl-a.tsv").write_text("nl\taccess\n", encoding="utf-8")
    asked = CliRunner().invoke(train_understanding_command, ["--bank", str(tmp_path), "--out", str(tmp_path / "w")])
    assert asked.exit_code == 1
    assert "nl-a.tsv:1" in asked.output
    assert not (tmp_path / "w").exists()


@pytest.mark.long
def test_the_shipped_weights_are_what_the_trainer_makes(tmp_path: Path) -> None:
    path = tmp_path / "again.npz"
    train_weights(tmp_path / "cache.npz", path)
    shipped, again, encoder = load_head(), load_head(path), Encoder()
    asked = [message(phrase.text) for phrase in load_bank()[::10]]
    differ = np.abs(shipped.probabilities(asked, encoder) - again.probabilities(asked, encoder))
    assert differ.max() < 0.05
