"""The child that looks at files: what it may do when it is taken over, what its end means, whether it is believed."""

import fcntl
import io
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.errors import UploadRejected
from portal.files import sandbox
from portal.files.evidence import take_in
from portal.files.frames import pack, unpack
from portal.files.sandbox import SandboxBroken, SandboxBusy
from portal.files.verdicts import SENTENCES, Reason
from tests.corpus_writers import CARD

# A child that was taken over: these replace what the child runs, by the very way it is started.
START = """
import os, resource, socket, sys, time
sys.path.insert(0, sys.argv[1])
from portal.files import jail
from portal.files.frames import pack
"""
LOCKED = START + "jail.limit(); jail.lock(); os.write(1, b'\\x06')\n"


def child(monkeypatch: pytest.MonkeyPatch, code: str) -> dict[str, Any]:
    monkeypatch.setattr(sandbox, "_BOOT", code)
    return dict(sandbox.run({"task": "take_in"}, b"payload", None)[0])


def test_a_child_that_was_taken_over_reaches_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "portal.db").write_bytes(b"the database")
    tmp_path.chmod(0o755)
    (tmp_path / "portal.db").chmod(0o644)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///canary.db")
    code = f"""
tries = {{
    "database": lambda: open({str(tmp_path / "portal.db")!r}, "rb").read(),
    "new file": lambda: open({str(tmp_path / "new")!r}, "wb"),
    "parent": lambda: open("/proc/%d/environ" % os.getppid(), "rb").read(),
    "internet socket": lambda: socket.socket(socket.AF_INET),
    "local socket": lambda: socket.socket(socket.AF_UNIX),
    "pair": socket.socketpair,
    "pipe": os.pipe,
    "copy": lambda: os.dup(0),
    "process": os.fork,
    "program": lambda: os.execv("/bin/true", ["true"]),
    "memory": lambda: bytearray(2 << 30),
    "more files": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
}}
def attempt(action):
    try:
        action()
    except (OSError, MemoryError, ValueError):
        return "refused"
    return "done"
answer = {{name: attempt(action) for name, action in tries.items()}}
answer["environment"] = sorted(os.environ)
answer["arguments"] = len(sys.argv)
os.write(1, pack(answer))
"""
    answer = child(monkeypatch, LOCKED + code)
    assert [key for key in answer.pop("environment") if key != "LC_CTYPE"] == []
    assert answer.pop("arguments") == 2
    assert set(answer.values()) == {"refused"}
    assert not (tmp_path / "new").exists()


def test_the_child_inherits_no_open_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held = os.open(tmp_path / "vault", os.O_RDWR | os.O_CREAT)
    os.set_inheritable(held, True)
    answer = child(monkeypatch, START + "os.write(1, b'\\x06' + pack({'open': os.listdir('/proc/self/fd')}))")
    os.close(held)
    assert len(answer["open"]) == 4  # three, and the listing itself


@pytest.mark.parametrize(
    ("code", "too_heavy"),
    [
        (LOCKED + "os.abort()", False),
        (LOCKED + "raise ValueError", False),
        (LOCKED + "held = [bytes(1 << 28) for _ in range(9)]", False),
        (LOCKED + "os.write(1, b'no json')", False),
        (LOCKED + "[os.write(1, bytes(1 << 22)) for _ in range(9)]", False),
        (LOCKED.replace("jail.limit()", "jail.SECONDS = 1; jail.limit()") + "while True: pass", True),
        (LOCKED + "time.sleep(60)", True),
    ],
    ids=["crash", "error", "memory", "nonsense", "flood", "processor", "asleep"],
)
def test_a_child_that_crashes_or_costs_too_much_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, code: str, too_heavy: bool
) -> None:
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 4.0 if "while" in code else 1.5)
    monkeypatch.setattr(sandbox, "_BOOT", code)
    with pytest.raises(UploadRejected) as caught:
        take_in(io.BytesIO(CARD))
    assert caught.value.sentence == SENTENCES[Reason.TOO_HEAVY if too_heavy else Reason.DAMAGED]


def test_a_child_that_cannot_start_is_not_the_files_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_BOOT", "import no_such_module")
    with pytest.raises(SandboxBroken):
        take_in(io.BytesIO(CARD))


@pytest.mark.parametrize(
    "jpeg",
    [CARD + b"tail", CARD[:2] + b"\xff\xe1" + struct.pack(">H", 6) + b"Exif" + CARD[2:], CARD[:-2], b"<html>", b""],
    ids=["tail", "exif", "cut", "html", "nothing"],
)
def test_a_picture_from_the_child_that_is_not_plain_is_refused(monkeypatch: pytest.MonkeyPatch, jpeg: bytes) -> None:
    fields = {"media_type": "image/jpeg", "width": 1600, "height": 1000, "fingerprint": "0", "remarks": []}
    monkeypatch.setattr(sandbox, "run", lambda *_: (fields, jpeg))
    with pytest.raises(UploadRejected):
        take_in(io.BytesIO(CARD))


def test_at_most_two_files_are_looked_at_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slots = tmp_path / "slots"
    take_in(io.BytesIO(CARD), slots)
    monkeypatch.setattr(sandbox, "QUEUE_SECONDS", 0.2)
    held = [os.open(slots / f"slot-{number}", os.O_RDWR | os.O_CREAT) for number in range(2)]
    for descriptor in held:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(SandboxBusy):
        take_in(io.BytesIO(CARD), slots)
    os.close(held.pop())
    assert take_in(io.BytesIO(CARD), slots).width == 1600
    os.close(held.pop())


def test_the_portal_itself_loads_no_decoder() -> None:
    code = "import sys, portal.files.evidence, portal.files.uploads; print(sorted(sys.modules))"
    root = Path(sandbox.__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert "'portal.files.sandbox'" in ran.stdout
    for decoder in ("'PIL'", "'magic'", "'pypdfium2'", "'pillow_heif'"):
        assert decoder not in ran.stdout


def test_messages_survive_any_payload() -> None:
    assert unpack(pack({"a": "b\n"}, b"\n{}\n")) == ({"a": "b\n"}, b"\n{}\n")
    for nonsense in (b"", b"[]\n", b"{}", b"\xff\n"):
        with pytest.raises(ValueError, match=r".*"):
            unpack(nonsense)
