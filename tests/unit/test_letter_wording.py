"""What changed between two letters: only the paragraphs that differ, word by word."""

from portal.review.wording import Change, Piece, difference, paragraphs_of

HTML = "<h2>Our&nbsp;answer</h2><p>First <b>bold</b>\n words.</p><ul><li>One</li><li></li><li>Two &lt;3</li></ul>"


def said(paragraph: tuple[Piece, ...], *changes: Change) -> str:
    return " ".join(piece.text for piece in paragraph if piece.change in changes)


def test_a_letter_is_read_paragraph_by_paragraph() -> None:
    assert paragraphs_of(HTML) == ["Our answer", "First bold words.", "One", "Two <3"]


def test_the_same_letter_has_no_difference() -> None:
    assert difference(paragraphs_of(HTML), paragraphs_of(HTML)) == []


def test_only_changed_words_are_marked_and_both_versions_can_be_read_back() -> None:
    before, after = ["Dear Ada", "We delete two rows today.", "Bye"], ["Dear Ada", "We delete three rows.", "Bye"]
    (changed,) = difference(before, after)
    assert said(changed, Change.SAME, Change.REMOVED) == before[1]
    assert said(changed, Change.SAME, Change.ADDED) == after[1]
    assert said(changed, Change.ADDED) == "three rows."


def test_a_whole_paragraph_that_came_or_went_is_told() -> None:
    came = difference(["One"], ["One", "New here"])
    assert came == [(Piece(Change.ADDED, "New here"),)]
    assert difference(["One", "Old here"], ["One"]) == [(Piece(Change.REMOVED, "Old here"),)]
