"""How the queue bears a million requests: p95 of each of its pages there, as a ratio to a thousand, on both databases.

    .venv/bin/python -m benchmarks.queue [--cases 1000000] [--rounds 60] [--out benchmarks/queue.json]

A tenth of the requests is open. The small and the large portal are asked in turns, through the WSGI interface, so that
a slower machine slows both alike. The rows are put into the tables directly; they are as long as real ones, and those
that are open can be opened: they have a key of their own, and the name is unsealed for each row that is shown. Where a
page shows more rows at a million (a right and a language together), the ratio is that of the rows, not of the size.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from benchmarks.pages import plain_client, seconds
from portal.accounts.models import Role
from portal.cases.models import Case
from portal.clock import today
from portal.db import Database
from portal.review.wanted import Key
from tests.support.bulk import SURNAME, fill
from tests.support.portals import make_settings, portal
from tests.support.postgres import PostgresServer
from tests.support.visitors import signed_in

SMALL, LARGE = 1_000, 1_000_000
DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Desk:
    """One portal with its queue, and a reviewer's browser."""

    app: Flask
    client: FlaskClient
    token: str
    asks: Mapping[str, str]

    def ask(self, name: str) -> int:
        """Ask for one page and return how many requests it shows."""
        if name == "search":
            words = {"words": f"{SURNAME} 10", "csrf_token": self.token}
            answer = self.client.post("/desk/search", data=words)
        else:
            answer = self.client.get(self.asks[name])
        if answer.status_code != 200:
            raise SystemExit(f"{name} answers {answer.status_code}")
        return answer.text.count('<th scope="row">')


def asks(database: Database) -> dict[str, str]:
    """Return each page by name with its address; ``deep`` stands in the middle of what is open."""
    with database.reader() as session:
        middle = today() + timedelta(days=14)
        place = session.scalars(select(Case).where(Case.due_on >= middle).order_by(Case.due_on, Case.id).limit(1)).one()
    return {
        "due first": "/desk/",
        "deep": f"/desk/?after={Key.of(place)}",
        "back": f"/desk/?before={Key.of(place)}",
        "mine": "/desk/?view=mine",
        "new": "/desk/?view=new",
        "identity": "/desk/?view=identity",
        "one language": "/desk/?language=nl",
        "one right, one language": "/desk/?right=restrict&language=de",
        "answered": "/desk/?view=answered",
        "all, one right": "/desk/?view=all&right=port",
        "search": "/desk/search",
    }


@contextmanager
def desk(kind: str, cases: int, folder: Path, server: PostgresServer | None) -> Iterator[Desk]:
    """Open a portal with ``cases`` requests on a database of ``kind``."""
    folder.mkdir()
    changes = {"database_url": server.url(server.create_database())} if kind == "postgresql" and server else {}
    with portal(make_settings(folder, **changes)) as app:
        database: Database = app.extensions["portal_db"]
        checked = signed_in(app, Role.REVIEWER)
        took = seconds(lambda: fill(database, cases))
        print(f"{kind}: {cases} requests made in {took:.0f} s", flush=True)
        token = next(held["csrf_token"] for held in forms(checked.get("/desk/")))
        yield Desk(app, plain_client(app, checked), str(token), asks(database))


def forms(page: object) -> Iterator[Mapping[str, object]]:
    """Give what each form of ``page`` holds."""
    from tests.support.critic import post_forms

    for _action, held, _names in post_forms(page):  # type: ignore[arg-type] # an answer of the test client
        yield held


def p95(times: list[float]) -> float:
    """Return the 95th percentile of ``times``."""
    return statistics.quantiles(times, n=20)[-1]


def measure(kind: str, cases: int, rounds: int, folder: Path) -> dict[str, dict[str, float]]:
    """Return for each page p95 in milliseconds at both sizes, the ratio of both, and that of the medians."""
    with ExitStack() as stack:
        server = None
        if kind == "postgresql":
            server = PostgresServer()
            server.start()
            stack.callback(server.stop)
        small = stack.enter_context(desk(kind, SMALL, folder / f"{kind}-small", server))
        large = stack.enter_context(desk(kind, cases, folder / f"{kind}-large", server))
        return {name: compare(small, large, name, rounds) for name in small.asks}


def compare(small: Desk, large: Desk, name: str, rounds: int) -> dict[str, float]:
    """Ask both for a page, in turns."""
    rows_small, rows_large, *_again = [each.ask(name) for each in (small, large, small, large)]
    few: list[float] = []
    many: list[float] = []
    for number in range(rounds):
        order: list[tuple[list[float], Callable[[], object]]] = [
            (few, lambda: small.ask(name)),
            (many, lambda: large.ask(name)),
        ]
        for times, call in order if number % 2 else reversed(order):
            times.append(seconds(call))
    found = {
        "rows_small": rows_small,
        "rows_large": rows_large,
        "p95_ms_small": round(p95(few) * 1000, 1),
        "p95_ms_large": round(p95(many) * 1000, 1),
        "p95_ratio": round(p95(many) / p95(few), 2),
        "median_ms_small": round(statistics.median(few) * 1000, 1),
        "median_ms_large": round(statistics.median(many) * 1000, 1),
        "median_ratio": round(statistics.median(many) / statistics.median(few), 2),
    }
    shown = f"{found['p95_ms_small']:7.1f} -> {found['p95_ms_large']:7.1f} ms"
    rows = f"{rows_small:2} and {rows_large:2} rows"
    print(
        f"  {name:24} {rows}  p95 {shown}  x {found['p95_ratio']:.2f}, median x {found['median_ratio']:.2f}", flush=True
    )
    return found


def main() -> None:
    """Measure and print; keep the numbers where ``--out`` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=LARGE)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = {kind: measure(kind, asked.cases, asked.rounds, Path(folder)) for kind in DATABASES}
    print(f"took {time.perf_counter() - began:.0f} s")
    if asked.out:
        kept = {"small": SMALL, "large": asked.cases, "rounds": asked.rounds, **found}
        asked.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
