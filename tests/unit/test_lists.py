"""What is taken out of a document with lists that name several people."""

import pytest

from portal.fulfilment.mask_elements import without_theirs
from portal.sources.elements import Mark, only_theirs


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ({"in": [{"who": [{"m": "a"}, {"m": "b"}]}, {"who": [{"m": "b"}]}]}, {"in": [{"who": [{"m": "a"}]}]}),
        ({"in": {"who": {"m": "b"}}}, {"in": {"who": {"m": "b"}}}),
        ({"in": [{"who": {"m": ["b", "a"]}}, {"x": 1}, None]}, {"in": [{"who": {"m": ["a"]}}]}),
        ({"in": []}, {"in": []}),
        ("text", "text"),
    ],
)
def test_lists_in_lists_are_taken_apart_down_to_the_persons_element(document: object, left: object) -> None:
    marks = [Mark(("in", "who", "m"), "a".__eq__)]
    assert only_theirs(document, marks) == left


def test_an_element_shared_with_others_loses_the_person_only() -> None:
    marks = [Mark(("in", "who", "m"), "a".__eq__)]
    rooms = {"in": [{"no": 1, "who": [{"m": "a"}, {"m": "b"}]}, {"no": 2, "who": [{"m": "b"}]}], "at": "sea"}
    left = {"in": [{"no": 1, "who": [{"m": "b"}]}, {"no": 2, "who": [{"m": "b"}]}], "at": "sea"}
    assert without_theirs(rooms, marks, None, lambda _part: None) == left
    owned = [Mark(("in", "who", "m"), "a".__eq__, owned=True)]
    assert without_theirs(rooms, owned, None, lambda _part: None) == {**left, "at": None}
