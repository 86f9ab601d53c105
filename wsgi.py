"""The web server's door: ``gunicorn wsgi:app``; the ``flask`` command finds it by itself.

A web server refuses to start without its settings. The ``flask`` command works on the demo where nothing is set, or
nothing but where data is.
"""

import os

from click import ClickException

from portal.app import create_app
from portal.cli import register_commands
from portal.config import Settings, SettingsFault
from portal.demo.settings import demo_environment, only_data_is_set
from portal.files.ring import KeyFileError
from portal.register import RegisterFaulty
from portal.rights.ladder import LadderFaulty

by_command = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
if by_command and only_data_is_set(os.environ):
    os.environ.update({**demo_environment(), **os.environ})

try:
    app = create_app(Settings.from_env(os.environ))
except (SettingsFault, KeyFileError, RegisterFaulty, LadderFaulty) as fault:
    if by_command:
        raise ClickException(str(fault)) from fault
    raise
register_commands(app)
