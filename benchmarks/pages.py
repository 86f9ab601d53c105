"""Server time of each page, as a ratio to a bare Flask page in the same run.

    .venv/bin/python -m benchmarks.pages [--rounds 200] [--out benchmarks/pages.json]

Both are called in-process through the WSGI interface, in turns, so that a slower machine slows both alike.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.gates import CONVERSATION, MAILBOX
from portal.accounts.models import Role
from tests.support.portals import make_settings, portal
from tests.support.visitors import signed_in, visitor
from tests.support.world import World, make_world


def bare() -> FlaskClient:
    """Return a client of the smallest Flask app there is."""
    app = Flask("bare")
    app.add_url_rule("/", "page", lambda: "<!doctype html><title>bare</title><p>bare")
    return app.test_client()


def pages(world: World) -> dict[str, str]:
    """Return each page by name with the address it has in ``world``."""
    return {
        "landing": "/nl/",
        "turn": f"/nl/c/{world.draft}/right",
        "find": "/nl/requests",
        "my requests": "/nl/requests/mine",
        "status": f"/nl/s/{world.open_case}",
        "download": f"/nl/s/{world.finished_case}/download",
        "stop": f"/nl/stop/{world.stop_token}",
        "desk sign-in": "/desk/sign-in",
        "queue": "/desk/",
        "case": f"/desk/cases/{world.open_case}",
    }


def plain_client(app: Flask, entered: FlaskClient) -> FlaskClient:
    """Return a client with the session of ``entered``, without its checks of every page."""
    client, cookie = FlaskClient(app, app.response_class), entered.get_cookie("portal")
    if cookie is not None:
        client.set_cookie("portal", cookie.value)
    return client


def seconds(call: Callable[[], object]) -> float:
    """Return how long ``call`` takes, in seconds."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Return, for each page, the median and p95 in milliseconds and the ratio of its median to the bare page's."""
    with tempfile.TemporaryDirectory() as folder, portal(make_settings(Path(folder))) as app:
        world, plain = make_world(app), bare()
        person = plain_client(app, visitor(app, {CONVERSATION: world.draft, MAILBOX: world.mailbox}))
        member, stranger = plain_client(app, signed_in(app, Role.REVIEWER)), plain_client(app, visitor(app, {}))
        found = {}
        for name, path in pages(world).items():
            desk = path.startswith("/desk")
            client = stranger if name == "desk sign-in" else member if desk else person
            if (status := client.get(path).status_code) != 200:
                raise SystemExit(f"{name}: {path} answers {status}")
            ours, theirs = [], []
            for _round in range(rounds):
                theirs.append(seconds(lambda: plain.get("/")))
                ours.append(seconds(lambda client=client, path=path: client.get(path)))  # type: ignore[misc]
            found[name] = {
                "median_ms": round(statistics.median(ours) * 1000, 2),
                "p95_ms": round(sorted(ours)[int(len(ours) * 0.95)] * 1000, 2),
                "bare_ms": round(statistics.median(theirs) * 1000, 2),
                "ratio": round(statistics.median(ours) / statistics.median(theirs), 1),
            }
        return found


def main() -> None:
    """Measure and print; keep the numbers where ``--out`` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = measure(asked.rounds)
    for name, numbers in found.items():
        print(
            f"{name:14} {numbers['median_ms']:8.2f} ms  p95 {numbers['p95_ms']:8.2f} ms  {numbers['ratio']:6.1f} x bare"
        )
    if asked.out:
        asked.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
