"""Both made-up Medbook databases on SQLite, built once for the tests of a module. Nothing done to them stays."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from portal.db import make_engine
from portal.demo.medbook import DemoWorld, build
from portal.demo.medbook.schema_base import MEDBOOK, SUPPORT

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
CATALOGUES = {"medbook": MEDBOOK, "medbook_support": SUPPORT}


@dataclass(frozen=True)
class Built:
    """The two databases and who is in them."""

    world: DemoWorld
    engines: Mapping[str, Engine]
    seconds: float

    @contextmanager
    def open(self) -> Iterator[dict[str, Connection]]:
        """Open both; whatever is done is rolled back."""
        with self.engines["medbook"].connect() as medbook, self.engines["medbook_support"].connect() as support:
            yield {"medbook": medbook, "medbook_support": support}


def build_both(folder: Path) -> Iterator[Built]:
    """Build five hundred people in ``folder``; give them once, and close the databases afterwards."""
    urls = [f"sqlite:///{folder / name}.db" for name in CATALOGUES]
    started = time.perf_counter()
    world = build(urls[0], urls[1], NOW)
    seconds = time.perf_counter() - started
    engines = dict(zip(CATALOGUES, map(make_engine, urls), strict=True))
    yield Built(world, engines, seconds)
    for engine in engines.values():
        engine.dispose()
