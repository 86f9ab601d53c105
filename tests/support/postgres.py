"""A private PostgreSQL: its own folder and free port, gone when the tests end. Never touches a server that runs."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.support.programs import find_postgres

SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")
"""This server may lose everything when the machine stops: its life is one test run."""


class PostgresServer:
    """A PostgreSQL server of our own, listening on 127.0.0.1 and on a socket in its folder; start it once."""

    def __init__(self) -> None:
        programs = find_postgres()
        if programs is None:
            raise RuntimeError("PostgreSQL's programs are missing: run bin/setup --test")
        self._programs = programs
        # Not pytest's folder: that one is closed to the unprivileged user PostgreSQL insists on.
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-", dir="/tmp"))
        self.port = free_port()
        self._user = self._unprivileged()
        if self._user:
            shutil.chown(self.folder, self._user, pwd.getpwnam(self._user).pw_gid)

    @staticmethod
    def _unprivileged() -> str | None:
        """Return whom to run as: PostgreSQL refuses root. None: whoever runs the tests."""
        if os.geteuid() != 0:
            return None
        known = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in known else "nobody"

    def _run(self, program: str, *arguments: str) -> None:
        group = pwd.getpwnam(self._user).pw_gid if self._user else None
        log = self.folder / "programs.log"
        with log.open("a") as output:
            done = subprocess.run(
                [str(self._programs / program), *arguments],
                cwd=self.folder,
                env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "HOME": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=120,
                user=self._user,
                group=group,
                extra_groups=[] if self._user else None,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{log.read_text()[-3000:]}")

    def start(self) -> None:
        """Make the cluster and start the server; returns when it answers."""
        cluster = str(self.folder / "cluster")
        self._run("initdb", "-D", cluster, "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = (f"-c {setting}" for setting in SETTINGS)
        options = " ".join([f"-p {self.port}", f"-k {self.folder}", "-h 127.0.0.1", *settings])
        self._run("pg_ctl", "-D", cluster, "-w", "-l", str(self.folder / "server.log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        try:
            self._run("pg_ctl", "-D", str(self.folder / "cluster"), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of ``database`` on this server."""
        return f"postgresql+psycopg://portal@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: sql.Composed) -> None:
        """Run one statement outside any transaction, on the server's own database."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="portal", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def create_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"portal_{secrets.token_hex(6)}"
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever still holds it open."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def free_port() -> int:
    """Return a port of 127.0.0.1 nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start this worker's own PostgreSQL, once, for the first test that asks for it."""
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Give the URL of a new, empty PostgreSQL database; it is dropped afterwards."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)
