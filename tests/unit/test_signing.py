"""The signed request: what is bound, by which date, and that what was signed earlier is still read."""

import json
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from portal.cases.signing import Signature, sign, undersigned
from portal.cases.strokes import parse

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
CONTACT = {"name": "Ada Peeters", "email": "ada@example.com"}
DRAWING = "[[[100,200],[300,100],[500,250]],[[620,120]]]"
FORMAT_1 = (
    '{"answers":{},"contact":{"name":"Ada Peeters"},"format":1,"policy":"2021-05-14","right":"access",'
    '"signature":{"kind":"typed","name":"Ada Peeters"},'
    '"signed_at":"2026-03-12T23:30:00+00:00","signed_on":"2026-03-13"}'
)


def text_of(signature: Signature, at: datetime = AT) -> str:
    return sign("access", {"about": ["everything"]}, CONTACT, signature, at, "2021-05-14").text


@pytest.mark.parametrize("signature", [Signature("Ada Peeters"), Signature("Ada Peeters", parse(DRAWING))])
def test_what_was_signed_says_how_and_by_whom(signature: Signature) -> None:
    text = text_of(signature)
    assert undersigned(text).signature == signature
    assert json.loads(text)["format"] == 2


def test_a_drawing_stands_in_the_text_as_strokes_beside_the_name() -> None:
    said = json.loads(text_of(Signature("Ada Peeters", parse(DRAWING))))
    assert said["signature"] == {"kind": "drawn", "name": "Ada Peeters", "strokes": json.loads(DRAWING)}


def test_one_point_moved_by_one_gives_another_hash() -> None:
    drawn = [Signature("Ada", parse(each)) for each in (DRAWING, DRAWING.replace("[620,120]", "[620,121]"))]
    one, other = (sign("access", {}, CONTACT, each, AT, "2021-05-14") for each in drawn)
    assert one.sha256 != other.sha256
    assert one.sha256 == sha256(one.text.encode()).hexdigest()


def test_a_request_signed_in_the_first_format_is_still_read() -> None:
    found = undersigned(FORMAT_1)
    assert found.signature == Signature("Ada Peeters")
    assert (found.signature.kind, found.on) == ("typed", date(2026, 3, 13))


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2026, 1, 15, 22, 30, tzinfo=UTC), date(2026, 1, 15)),  # 23:30 in Brussels, winter
        (datetime(2026, 1, 15, 22, 59, 59, tzinfo=UTC), date(2026, 1, 15)),
        (datetime(2026, 1, 15, 23, 0, tzinfo=UTC), date(2026, 1, 16)),
        (datetime(2026, 1, 15, 23, 30, tzinfo=UTC), date(2026, 1, 16)),
        (datetime(2026, 7, 15, 21, 59, 59, tzinfo=UTC), date(2026, 7, 15)),
        (datetime(2026, 7, 15, 22, 0, tzinfo=UTC), date(2026, 7, 16)),  # midnight in Brussels, summer
        (datetime(2026, 7, 15, 23, 30, tzinfo=UTC), date(2026, 7, 16)),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),  # the night the clock goes forward
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), date(2026, 10, 25)),  # and back
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_date_is_the_one_in_brussels(at: datetime, on: date) -> None:
    assert undersigned(text_of(Signature("Ada Peeters"), at)).on == on
