"""Collecting and packaging at size, against the plain dump of the same rows in the same run.

    .venv/bin/python -m benchmarks.collect [--rows 1000 100000 1000000] [--backend sqlite postgresql] [--out FILE]

Without a size or a backend after its option, only the one person is measured.

The dump is ``sqlite3 -csv`` or ``psql \\copy`` into one CSV file per table, then ``zip``: no JSON, no pages, no
checksums, no encryption, no check of whose row it is. Ours runs in a process of its own, so that its peak memory (with
everything the process loads) is its own; its time goes from the first query to the encrypted file synced to disk.

A worker makes one copy after another, so before it is measured the process makes one of a thousand rows of a source of
its own: the first copy compiles the pages and the statements, once in the life of a worker, and is told as ``first``.

``ratio`` is the dump's time by the clock over ours: it moves with what else the machine does, which ``load`` tells (the
average of one minute as the measurement began, beside ``processors``). ``processor_ratio`` compares the seconds of
processor that both took, with those of the dump's children; what PostgreSQL's own processes take is in neither.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import make_url

from benchmarks.bare import pages
from benchmarks.ledger import ME, OWN_ROWS, Ledger, fill
from portal.config import HERE, load_controller
from portal.files.vault import Vault
from portal.fulfilment.collect import Scope, collect
from portal.fulfilment.locate import Subject
from portal.fulfilment.package import write_package
from portal.fulfilment.package_pages import Cover
from portal.fulfilment.store import VaultSink, into_vault
from portal.register import load_register
from tests.support.postgres import PostgresServer
from tests.support.shop import NOW


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: seconds by the clock and of processor, and the peak of memory in MB (of ours only)."""

    rows: int
    seconds: float
    processor: float
    size: int
    peak_mb: float = 0.0


def dump(ledger: Ledger, folder: Path) -> Run:
    """Dump the person's rows as anybody would, and zip them."""
    folder.mkdir()
    spent, started = _children(), time.perf_counter()
    for name, query in OWN_ROWS.items():
        target = folder / f"{name}.csv"
        if ledger.url.startswith("sqlite"):
            database = make_url(ledger.url).database or ""
            with target.open("wb") as file:
                subprocess.run(["sqlite3", "-readonly", "-csv", "-header", database, query], stdout=file, check=True)
        else:
            url = make_url(ledger.url).set(drivername="postgresql").render_as_string(hide_password=False)
            order = f"\\copy ({query}) to '{target}' csv header"
            subprocess.run(["psql", "-q", "-X", url, "-c", order], check=True)
    subprocess.run(["zip", "-q", "-j", "dump.zip", *(f"{name}.csv" for name in OWN_ROWS)], cwd=folder, check=True)
    seconds = time.perf_counter() - started
    return Run(ledger.rows, seconds, _children() - spent, (folder / "dump.zip").stat().st_size)


def ours(ledger: Ledger, folder: Path) -> tuple[Run, Run]:
    """Collect and package the same rows in a process of its own; return its first copy, of other rows, and this one."""
    order = [sys.executable, "-m", "benchmarks.collect", "--one", ledger.url, str(ledger.rows), str(folder)]
    done = subprocess.run(order, stdout=subprocess.PIPE, check=True)
    first, then = json.loads(done.stdout)
    return Run(**first), Run(**then)


def collect_two(ledger: Ledger, folder: Path) -> tuple[Run, Run]:
    """Package a thousand rows, then those of ``ledger``, in this process, into encrypted files in ``folder``."""
    (folder / "first").mkdir(parents=True)
    first = fill(f"sqlite:///{folder}/first.db", 1000)
    with pages():
        return collect_one(first, folder / "first"), collect_one(ledger, folder)


def collect_one(ledger: Ledger, folder: Path) -> Run:
    """Collect and package the rows of ``ledger``, into an encrypted file in ``folder``."""
    sources, register, vault = ledger.open(folder / "map"), load_register(), Vault(folder / "vault")
    cover = Cover("access", "en", NOW, load_controller(HERE / "controller.toml"), register, "MB-7K4Q-29")
    rows: list[int] = []

    def write(sink: VaultSink) -> None:
        packed = write_package(sink, collect(sources, Subject((ME,)), Scope()), cover)
        rows.append(sum(packed.rows.values()))

    spent, started = time.process_time(), time.perf_counter()
    stored, _, _ = into_vault(vault, os.urandom(32), "benchmark", write)
    seconds, spent = time.perf_counter() - started, time.process_time() - spent
    sources.close()
    if rows != [ledger.rows]:
        raise SystemExit(f"{rows} rows collected, {ledger.rows} are the person's")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(ledger.rows, seconds, spent, stored.size, peak)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(url: str, rows: int, folder: Path) -> dict[str, object]:
    """Return both runs on a new database at ``url``, and the speed of ours as a ratio to the dump's."""
    ledger = fill(url, rows)
    load = os.getloadavg()[0]
    plain, (first, packed) = dump(ledger, folder / "dump"), ours(ledger, folder / "ours")
    return {
        "backend": make_url(url).get_backend_name(),
        "rows": ledger.rows,
        "rows_per_second": round(ledger.rows / packed.seconds),
        "dump_rows_per_second": round(ledger.rows / plain.seconds),
        "ratio": round(plain.seconds / packed.seconds, 2),
        "processor_ratio": round(plain.processor / packed.processor, 2),
        "peak_mb": round(packed.peak_mb),
        "load": round(load, 1),
        "processors": os.cpu_count(),
        "ours": asdict(packed),
        "first": asdict(first),
        "dump": asdict(plain),
    }


def keep(target: Path, found: list[dict[str, object]], person: dict[str, object]) -> None:
    """Write what was measured to ``target``; sizes that this run did not measure stay as they are there."""
    known = json.loads(target.read_text(encoding="utf-8"))["sizes"] if target.exists() else []
    by_size = {(each["backend"], each["rows"]): each for each in [*known, *found]}
    sizes = [by_size[key] for key in sorted(by_size, key=lambda key: (str(key[0]), int(str(key[1]))))]
    kept = {"person": person, "sizes": sizes}
    target.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure what the command line asks for and print one line of JSON for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--backend", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        runs = collect_two(Ledger(given.one[0], int(given.one[1])), Path(given.one[2]))
        print(json.dumps([asdict(run) for run in runs]))
        return
    found = []
    for backend in given.backend:
        server = PostgresServer() if backend == "postgresql" else None
        if server:
            server.start()
        try:
            for rows in given.rows:
                with tempfile.TemporaryDirectory() as name:
                    url = server.url(server.create_database()) if server else f"sqlite:///{name}/ledger.db"
                    found.append(measure(url, rows, Path(name)))
                    print(json.dumps(found[-1]), flush=True)
        finally:
            if server:
                server.stop()
    from benchmarks import one_person  # loads the whole portal, which would count as memory of a copy

    with tempfile.TemporaryDirectory() as name:
        person = one_person.measure(Path(name))
        print(json.dumps(person))
    if given.out:
        keep(given.out, found, person)


if __name__ == "__main__":
    main()
