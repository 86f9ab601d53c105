"""What the portal says about an uploaded file: each reason with its sentence. Pure words; decides nothing.

The child process that looks at a file answers with one of these names, never with a sentence of its own.
"""

from enum import StrEnum

from portal.words import N_


class Reason(StrEnum):
    """Why a file was refused."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    NOT_A_PICTURE = "not_a_picture"
    OTHER_PICTURE = "other_picture"
    DOCUMENT = "document"
    ARCHIVE = "archive"
    VIDEO = "video"
    MOVING = "moving"
    MIXED = "mixed"
    DAMAGED = "damaged"
    LOCKED_PDF = "locked_pdf"
    PDF_SIZE = "pdf_size"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    BLANK = "blank"
    TOO_HEAVY = "too_heavy"
    TOO_MANY_PAGES = "too_many_pages"


class Remark(StrEnum):
    """What is odd about a picture that is taken all the same."""

    BLURRED = "blurred"
    CROPPED = "cropped"
    DARK = "dark"


SENTENCES: dict[Reason, str] = {
    Reason.EMPTY: N_("This file is empty. Choose the photo again, or take a new one."),
    Reason.TOO_BIG: N_("This file is larger than 10 MB. Choose a smaller photo, or take a new one."),
    Reason.NOT_A_PICTURE: N_("We cannot use this file. Choose a photo (JPEG, PNG, WebP or HEIC) or a PDF."),
    Reason.OTHER_PICTURE: N_("We cannot open this kind of picture. Save it as JPEG or PNG and choose it again."),
    Reason.DOCUMENT: N_("This is a text or a web page, not a photo. Choose a photo of the card, or a PDF of it."),
    Reason.ARCHIVE: N_("This file is packed. Unpack it, and choose the photo or the PDF that is inside."),
    Reason.VIDEO: N_("This is a video or a sound. Choose a photo of the card, or a PDF of it."),
    Reason.MOVING: N_("This picture is animated. Choose a still picture, or take a new photo."),
    Reason.MIXED: N_("Something else is hidden in this file. Take a new photo of the card and choose that."),
    Reason.DAMAGED: N_("This file is damaged or not complete. Choose it again, or take a new photo."),
    Reason.LOCKED_PDF: N_("This PDF is locked with a password. Choose one without a password, or take a photo."),
    Reason.PDF_SIZE: N_(
        "The first page of this PDF is too large or too small to show. Take a photo of the card instead."
    ),
    Reason.TOO_MANY_PIXELS: N_(
        "This picture is too large to open. Take a photo with the normal setting of your camera."
    ),
    Reason.TOO_SMALL: N_(
        "This picture is too small to read a card on. Take a new photo in which the card fills the picture."
    ),
    Reason.BLANK: N_("We see nothing on this picture. Take a new photo of the front of the card, in good light."),
    Reason.TOO_HEAVY: N_("This file takes too long to open. Take a new photo of the card and choose that."),
    Reason.TOO_MANY_PAGES: N_("This PDF has more than 10 pages. Split it, and send it in parts."),
}

ATTACHED: dict[Reason, str] = {
    **SENTENCES,
    Reason.EMPTY: N_("This file is empty. Choose it again."),
    Reason.TOO_BIG: N_("This file is larger than 10 MB. Choose a smaller one, or send it in parts."),
    Reason.DOCUMENT: N_("We cannot open this kind of document. Save it as PDF, or take a photo of it."),
    Reason.ARCHIVE: N_("This file is packed. Unpack it, and choose the photo or the PDF that is inside."),
    Reason.VIDEO: N_("This is a video or a sound. Choose a photo or a PDF."),
    Reason.MIXED: N_("Something else is hidden in this file. Save it as a new PDF, or take a photo of it."),
    Reason.DAMAGED: N_("This file is damaged or not complete. Save it again as PDF, or take a photo of it."),
    Reason.LOCKED_PDF: N_("This PDF is locked with a password. Save it without a password, or take a photo."),
    Reason.PDF_SIZE: N_("A page of this PDF is too large or too small to show. Take a photo of it."),
    Reason.TOO_SMALL: N_("This picture is too small to see anything. Choose a larger one."),
    Reason.TOO_HEAVY: N_("This file takes too long to open. Take a photo of it and choose that."),
}
"""The same reasons, for what somebody sends with a message: a blank page is fine there, and nobody asks a card."""

REMARKS: dict[Remark, str] = {
    Remark.BLURRED: N_("The picture looks blurred. Can you not read the name on it? Then take a new photo."),
    Remark.CROPPED: N_("A part of the card seems to be missing. Is the whole front on the picture?"),
    Remark.DARK: N_("The picture is very dark. Can you not read the name on it? Then take a new photo in more light."),
}


class Refused(Exception):
    """A file is refused. Lives inside the child and between these modules; people get an ``UploadRejected``."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)
