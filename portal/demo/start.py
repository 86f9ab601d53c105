"""``flask demo``: prepare the made-up world and serve the portal with its worker. Stops both together."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import click

from portal import migrating
from portal.clock import now
from portal.db import Database
from portal.demo.medbook import build
from portal.demo.settings import demo_environment
from portal.demo.staff import STAFF, add_demo_staff
from portal.files.keys import KeyRing, subkey

HOST = "127.0.0.1"


def run(serve: bool, port: int) -> None:
    """Prepare the demo; with ``serve`` start the web server and the worker and wait until one of them stops."""
    environment = demo_environment(port=port)
    prepare(environment)
    show(environment)
    if serve:
        inherited = {name: value for name, value in os.environ.items() if name != "FLASK_RUN_FROM_CLI"}
        sys.exit(_serve({**inherited, **environment}, port))  # what is served is no command: it loads at once


def prepare(environment: dict[str, str]) -> None:
    """Migrate the portal's database, make the Medbook databases and add the staff; what is there already stays."""
    data = Path(environment["PORTAL_DATA_DIR"])
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    ring = KeyRing.load(Path(environment["PORTAL_KEY_FILE"]))
    url = environment.get("PORTAL_DATABASE_URL", f"sqlite:///{data / 'portal.db'}")
    database = Database(url, {"keyring": ring, "audit_key": subkey(ring, "audit")})
    migrating.upgrade(database.engine)
    with database.writing() as session:
        add_demo_staff(session)
    database.engine.dispose()
    build(environment["PORTAL_SOURCE_MEDBOOK_WRITE"], environment["PORTAL_SOURCE_MEDBOOK_SUPPORT_WRITE"], now())


def show(environment: dict[str, str]) -> None:
    """Print the addresses and the made-up sign-ins."""
    base = environment["PORTAL_BASE_URL"]
    click.echo(f"The portal        {base}/nl/   (also /fr/ /de/ /en/)")
    click.echo(f"Mails and codes   {base}/demo/")
    click.echo(f"The desk          {base}/desk/")
    for each in STAFF:
        click.echo(f"  {each.role.value:16} {each.login:24} {each.password}")
    click.echo("The app codes of the staff stand on the demo page. All people and data are made up.")


def _serve(environment: dict[str, str], port: int) -> int:
    here = Path(sys.executable).parent
    web = [
        str(here / "gunicorn"),
        "--no-control-socket",
        "--bind",
        f"{HOST}:{port}",
        "--workers",
        "2",
        "--threads",
        "4",
    ]
    commands = ([*web, "--log-level", "warning", "wsgi:app"], [str(here / "flask"), "worker"])
    asked = threading.Event()
    processes = [subprocess.Popen(command, env=environment) for command in commands]  # noqa: S603 - our own programs

    def stop(_number: int, _frame: object) -> None:
        asked.set()
        for process in processes:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    ended_by_itself = not asked.is_set()
    stop(0, None)
    codes = [abs(process.wait(timeout=40)) for process in processes]
    return max(*codes, 1) if ended_by_itself else 0
