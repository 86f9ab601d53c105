"""``flask understand`` as an operator calls it: JSON lines through a pipe, without a database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLASK = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "understand"]


@pytest.fixture
def command(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    pipe = subprocess.PIPE
    with subprocess.Popen(FLASK, cwd=tmp_path, env=environ, stdin=pipe, stdout=pipe, stderr=pipe) as started:
        yield started
        started.kill()


def ask(command: subprocess.Popen[bytes], line: bytes) -> dict[str, object]:
    """Write one line and read its answer, while the command goes on running."""
    assert command.stdin
    assert command.stdout
    command.stdin.write(line + b"\n")
    command.stdin.flush()
    answered: dict[str, object] = json.loads(command.stdout.readline())
    return answered


def test_each_line_is_answered_before_the_next_is_sent(command: subprocess.Popen[bytes], tmp_path: Path) -> None:
    first = ask(command, b'{"text": "verwijder mijn account", "lang": "nl"}')
    assert first["right"] == "erase"
    assert isinstance(first["ranking"], list)
    assert len(first["ranking"]) == 9
    assert ask(command, b"nonsense") == {"error": "not JSON"}
    assert ask(command, b"\xff\xfe{") == {"error": "not JSON"}
    assert ask(command, json.dumps({"text": "wis mijn account. " * 8_000}).encode())["right"] == "erase"
    assert ask(command, '{"text": "löschen Sie mein Konto 🙂"}'.encode())["right"] == "erase"
    assert ask(command, b'{"text": ""}')["right"] == "none"
    assert command.stdin
    command.stdin.close()
    assert command.wait() == 0
    assert list(tmp_path.rglob("*.db")) == []
