"""Errors that carry a status and a sentence for the person who sees them.

Lower floors raise them; views catch one only to put its sentence beside a field; ``ui.problems`` shows the rest.
The sentence is an English source string marked with ``N_``; it is translated where it is shown.
"""

from collections.abc import Mapping

from portal.words import N_


class PortalError(Exception):
    """Base of all errors a person may see.

    Args:
        sentence: English source string that says what happened and what to do.
        values: values for the ``%(name)s`` places in the sentence; never personal data.
    """

    status = 400
    default = N_("Something in this request is not right. Go back and try again.")

    def __init__(self, sentence: str | None = None, values: Mapping[str, object] | None = None) -> None:
        self.sentence = sentence or self.default
        self.values = dict(values or {})
        super().__init__(self.sentence)


class MoveRefused(PortalError):
    """The case is no longer where this step starts, or a condition is not met."""

    status = 409
    default = N_("Someone else was first, or the request has moved on. Look at it again before you decide.")


class MovedOn(PortalError):
    """What a form answers is not asked any more, and what was written in it would be lost.

    Args:
        onward: address of what is asked instead.
    """

    status = 409
    default = N_("You changed your request in another window. This question is not asked any more.")

    def __init__(self, onward: str) -> None:
        self.onward = onward
        super().__init__()


class NotYours(PortalError):
    """Not there, or not for this visitor: the two look the same."""

    status = 404
    default = N_("We cannot find this page.")


class LinkExpired(PortalError):
    """A link that worked once and does not any more."""

    status = 410
    default = N_("This link no longer works. Ask for a new one.")


class InputRejected(PortalError):
    """What was filled in cannot be taken."""

    status = 422
    default = N_("Something is missing or not right. Look at the marked questions.")


class UploadRejected(PortalError):
    """A file that cannot be taken; nothing of it was kept."""

    status = 422
    default = N_("We cannot use this file. Choose a photo (JPEG, PNG, WebP or HEIC) or a PDF.")


class UploadTooBig(UploadRejected):
    """A file above the limit."""

    status = 413
    default = N_("Choose a file of at most 10 MB.")


class TooManyTries(PortalError):
    """A limit that protects the person was reached."""

    status = 429
    default = N_("That was too many tries. Wait a while and try again.")


class SourceDown(PortalError):
    """A source could not be read or written; the job tries again later. ``values`` may hold its key as ``source``."""

    status = 503
    default = N_("One of the systems that holds the data does not answer. We try again by ourselves.")


class SourceRefused(PortalError):
    """A source answered and refused a change, which its own rules forbid; trying again as it is makes no sense.

    ``values`` may hold its key as ``source``. Nothing of that source was changed.
    """

    status = 409
    default = N_("One of the systems that holds the data refused the change. Nothing in it was changed.")
