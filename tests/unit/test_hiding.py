"""What a reviewer hid is taken out row by row; a row that is not as it was is told apart."""

from portal.cases.redactions import Hidden, Kind, Target, mark_of
from portal.fulfilment.hiding import HIDDEN, Sieve, Watch
from portal.sources.streaming import Line

KEY = b"k" * 32
WANTED = ("id", "body", "about")
LINES: list[Line] = [(1, "Jan Peeters called", {"who": "Jan Peeters"}), (2, "nothing", None)]  # type: ignore[list-item]


def hidden(kind: Kind, column: str = "", row: str = "", seen: object = "", *words: str) -> Hidden:
    return Hidden(f"{kind}{column}{row}", Target(kind, "s.c", column, row, mark_of(KEY, seen), words), "secrecy")


def sieve(*standing: Hidden, apply: bool = True) -> tuple[Watch, Sieve]:
    watch = Watch(KEY, standing, apply=apply)
    return watch, watch.sieve("s.c", ("id",), WANTED)


def test_a_value_a_row_and_words_are_taken_out_and_counted() -> None:
    watch, found = sieve(
        hidden(Kind.WORDS, "about", "[1]", [LINES[0][2]], "Jan Peeters"),
        hidden(Kind.VALUE, "body", "[1]", [LINES[0][1]]),
        hidden(Kind.ROW, "", "[2]", list(LINES[1])),
    )
    assert found.sift(WANTED, LINES) == [(1, None, {"who": HIDDEN})]
    assert dict(found.hidden) == {("about", "secrecy"): 1, ("body", "secrecy"): 1, ("", "secrecy"): 1}
    assert watch.stale == []


def test_a_value_hidden_in_a_column_that_is_hidden_as_a_whole_is_counted_with_the_column() -> None:
    words = hidden(Kind.WORDS, "about", "[1]", [LINES[0][2]], "Jan Peeters")
    watch, found = sieve(words, hidden(Kind.VALUE, "body", "[1]", [LINES[0][1]]), hidden(Kind.COLUMN, "about"))
    assert found.sift(WANTED, LINES)[0] == (1, None, LINES[0][2]), "the column is left out as a whole afterwards"
    assert dict(found.hidden) == {("body", "secrecy"): 1}
    assert watch.stale == []


def test_a_hidden_row_that_changed_is_stale_and_stays_hidden() -> None:
    watch, found = sieve(hidden(Kind.ROW, "", "[2]", [2, "something else", None]))
    assert [line[0] for line in found.sift(WANTED, LINES)] == [1]
    assert watch.stale == ["row[2]"]


def test_a_hidden_row_that_is_gone_is_stale() -> None:
    watch, found = sieve(hidden(Kind.VALUE, "body", "[3]", ["x"]))
    found.sift(WANTED, LINES)
    assert watch.stale == ["valuebody[3]"]


def test_only_looking_takes_nothing_out() -> None:
    watch, found = sieve(hidden(Kind.ROW, "", "[2]", list(LINES[1])), apply=False)
    assert found.sift(WANTED, LINES) == LINES
    assert watch.columns("s.c") == {}
    assert watch.stale == []


def test_the_digest_is_of_what_is_read_whatever_is_hidden() -> None:
    looked, plain = sieve()
    plain.sift(WANTED, LINES)
    handed, hiding = sieve(hidden(Kind.ROW, "", "[2]", list(LINES[1])))
    hiding.sift(WANTED, LINES)
    assert handed.unlike({"s.c": plain.digest}) == []
    changed, other = sieve()
    other.sift(WANTED, [LINES[0], (2, "nothing more", None)])
    assert changed.unlike({"s.c": plain.digest}) == ["s.c"]
    assert looked.unlike({}) == ["s.c"], "a collection nobody looked at is not alike"


def test_without_a_key_the_whole_row_is_its_key() -> None:
    watch = Watch(KEY, [])
    found = watch.sieve("s.c", (), WANTED)
    found.sift(WANTED, LINES)
    assert len({row for row, _mark in found.marks}) == len(LINES)
