"""Taking a picture in, for both pages that ask one: covered in the browser, or to be covered on the next page.

What a browser says of its boxes is looked up in the pixels. Only where every box is black, and boxes cover what must be
covered, does the picture count as covered; otherwise the person is asked to cover it here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from flask_babel import gettext as _

from portal.config import Settings
from portal.db import Database
from portal.files import evidence
from portal.files.evidence import Covered, Picture
from portal.files.masks import COVER_NUMBER, DRAW_PHOTO, LARGER_NUMBER, LARGER_PHOTO, Mask, places, read_mask
from portal.files.verdicts import REMARKS, SENTENCES, Reason
from portal.intake import pictures
from portal.intake.pictures import Sealed

COVERED = "covered"
"""Name of the input by which a browser says that it covered the picture."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture that was taken in and sealed.

    Attributes:
        picture: what came.
        mask: the boxes the browser put, if any.
        covered: the picture that is used, where the browser covered it in truth.
        sealed: where that lies; where nothing is covered yet, the picture that came.
    """

    picture: Picture
    mask: Mask
    covered: Covered | None
    sealed: Sealed


def words_of_the_editor() -> dict[str, object]:
    """Return what ``components/mask.html`` needs besides the mark, in the language of the page."""
    odd = {remark.value: _(sentence) for remark, sentence in REMARKS.items()}
    missing = {"cover-photo": _(DRAW_PHOTO), "cover-number": _(COVER_NUMBER)}
    larger = {"larger-photo": _(LARGER_PHOTO), "larger-number": _(LARGER_NUMBER)}
    unfit = {"small": _(SENTENCES[Reason.TOO_SMALL]), "blank": _(SENTENCES[Reason.BLANK])}
    return {
        "places": [(slug, _(label), covers) for slug, label, covers in places()],
        "sentences": {**odd, **missing, **larger, **unfit},
    }


def take(database: Database, stream: IO[bytes], form: Mapping[str, Sequence[str]], mark: str) -> Taken:
    """Take in a file. Slow: one child process, or two.

    Args:
        database: where the key of the picture is minted.
        stream: the file.
        form: what came with it.
        mark: the words to burn across a covered picture.

    Raises:
        UploadRejected, UploadTooBig, SandboxBusy, SandboxBroken: see ``evidence.take_in``.
    """
    settings: Settings = database.info["settings"]
    slots = settings.data_dir / "slots"
    mask, faults = read_mask(form)
    claimed = COVERED in form and not faults and not mask.open_parts()
    boxes = pictures.boxes_of(mask) if claimed else []
    picture = evidence.take_in(stream, slots, boxes)
    covered = evidence.cover(picture.jpeg, boxes, mark, slots, foot=True) if picture.black else None
    kept = Mask() if faults else mask
    return Taken(picture, kept, covered, pictures.seal(database, covered.jpeg if covered else picture.jpeg))
