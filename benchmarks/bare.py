"""Just enough of an app to make a copy in: a process that loads no more shows what making one takes."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_babel import Babel
from jinja2 import StrictUndefined

from portal.config import HERE


@contextmanager
def pages() -> Iterator[None]:
    """Open an app context that can render packages, and nothing else."""
    made = Flask("portal", template_folder=str(HERE.parent / "templates"))
    Babel(made, default_locale="en")
    made.jinja_env.undefined = StrictUndefined
    with made.app_context():
        yield
