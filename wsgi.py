"""The web server's door: ``gunicorn wsgi:app``; the ``flask`` command finds it by itself.

A web server refuses to start without its settings. The ``flask`` command without any works on the demo.
"""

import os

from portal.app import create_app
from portal.cli import register_commands
from portal.config import Settings
from portal.demo.settings import demo_environment

nothing_set = not any(name.startswith("PORTAL_") for name in os.environ)
if nothing_set and os.environ.get("FLASK_RUN_FROM_CLI") == "true":
    os.environ.update(demo_environment())

app = create_app(Settings.from_env(os.environ))
register_commands(app)
