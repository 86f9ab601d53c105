"""A private MariaDB: its own folder and free port, gone when the tests end. Never touches a server that runs."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from tests.support.postgres import free_port
from tests.support.programs import find_mariadb

FAST = (
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=16M",
    "--skip-log-bin",
)
"""This server may lose everything when the machine stops: its life is one test run."""

SCRIPTS = Path("/usr/share/mysql")
SYSTEM_TABLES = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
"""What mariadb-install-db feeds to the server; that script itself needs programs the server's package lacks."""

START = 60
"""Seconds within which a server answers on a busy machine."""


class MariadbServer:
    """A MariaDB server of our own, listening on 127.0.0.1 only; start it once."""

    def __init__(self) -> None:
        program = find_mariadb()
        if program is None:
            raise RuntimeError("MariaDB's programs are missing: run bin/setup --test")
        self._program = program
        self.folder = Path(tempfile.mkdtemp(prefix="portal-maria-", dir="/tmp"))
        self.port = free_port()
        self._user = pwd.getpwuid(os.geteuid()).pw_name
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the data folder and start the server; returns when it answers."""
        data, log, users = self.folder / "data", self.folder / "server.log", self.folder / "users.sql"
        given = ("--no-defaults", f"--datadir={data}", f"--user={self._user}")
        (data / "mysql").mkdir(parents=True)
        tables = b"use mysql;\n" + b"".join((SCRIPTS / name).read_bytes() for name in SYSTEM_TABLES)
        subprocess.run(
            [str(self._program), *given, *FAST, "--bootstrap"],
            input=tables,
            check=True,
            capture_output=True,
            timeout=120,
        )
        users.write_text("CREATE USER portal@127.0.0.1;\nGRANT ALL ON *.* TO portal@127.0.0.1 WITH GRANT OPTION;\n")
        here = (f"--socket={self.folder / 'socket'}", "--bind-address=127.0.0.1", "--skip-name-resolve")
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(self._program), *given, *FAST, *here, f"--port={self.port}", f"--init-file={users}"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"mariadbd did not start:\n{log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except pymysql.err.OperationalError:
            return False
        return True

    def _connect(self) -> pymysql.connections.Connection:
        return pymysql.connect(host="127.0.0.1", port=self.port, user="portal", autocommit=True)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of ``database`` on this server."""
        return f"mysql+pymysql://portal@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"portal_{secrets.token_hex(6)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def execute(self, statement: str) -> None:
        """Run one statement outside any database."""
        connection = self._connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariadbServer]:
    """Start this worker's own MariaDB, once, for the first test that asks for it."""
    server = MariadbServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mariadb_url(mariadb_server: MariadbServer) -> Iterator[str]:
    """Give the URL of a new, empty MariaDB database; it is dropped afterwards."""
    name = mariadb_server.create_database()
    yield mariadb_server.url(name)
    mariadb_server.execute(f"DROP DATABASE {name}")
