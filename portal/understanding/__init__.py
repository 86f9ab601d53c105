"""The door for free text: a text in, what the person may mean out. Knows no case and no register.

The guess is always confirmed by that person, never acted on. Without the encoder people choose by button.
"""

from portal.understanding.hints import Hints
from portal.understanding.labels import CLASSES, COMPLAINT, NONE, RIGHTS, ROUTES
from portal.understanding.reader import absent, load
from portal.understanding.reading import Reading, Understanding

__all__ = ["CLASSES", "COMPLAINT", "NONE", "RIGHTS", "ROUTES", "Hints", "Reading", "Understanding", "absent", "load"]
