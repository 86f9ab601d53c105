"""Small real pictures, drawn by code, the same for the same person. No face stands behind them."""

from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import Image

from portal.demo.medbook.people import Person

SIDE = 20


@lru_cache(maxsize=2048)
def photo_of(person: Person) -> bytes:
    """Return this person's photo as JPEG bytes, unlike anybody else's."""
    return _picture(f"photo {person.account_id} {person.email}", "JPEG")


def scan(label: str) -> bytes:
    """Return a picture of a page as PNG bytes."""
    return _picture(label, "PNG")


def _picture(label: str, kind: str) -> bytes:
    pixels = Random(label).randbytes(3 * SIDE * SIDE)
    drawn = BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), pixels).save(drawn, kind)
    return drawn.getvalue()
