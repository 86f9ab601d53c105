"""Runs one task on hostile bytes in a locked-in child process, at most two at once on this machine.

The child is a fresh interpreter (never a fork: it shares no memory with us). It gets an empty environment, no argument
that says anything, and three open files: its input and output, which are memory, and ``/dev/null``. What it may do is
written in ``jail``. Its answer is not trusted either: ``evidence`` takes names of reasons, whole numbers and a plain
JPEG, nothing else.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from portal.errors import PortalError
from portal.files.decode_child import READY
from portal.files.frames import Field, pack, unpack
from portal.files.jail import OUTPUT
from portal.words import N_

AT_ONCE = 2
WALL_SECONDS = 20.0
QUEUE_SECONDS = 30.0
_ROOT = Path(__file__).resolve().parents[2]
_BOOT: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from portal.files.decode_child import main; main()"  # fixed text
)
_here = threading.BoundedSemaphore(AT_ONCE)


class SandboxBusy(PortalError):
    """Two files are being looked at and none was done in time."""

    status = 503
    default = N_("Many people are sending a file at this moment. Wait a minute and choose the file again.")


class SandboxBroken(PortalError):
    """The child could not even start: the machine is at fault, not the file."""

    status = 503
    default = N_("We cannot look at files at this moment. Try again later. What you filled in is kept.")


class ChildGaveUp(Exception):
    """The child was ready and ended without an answer: the file made it crash, or cost too much."""

    def __init__(self, too_heavy: bool) -> None:
        self.too_heavy = too_heavy
        super().__init__("too heavy" if too_heavy else "crashed")


def run(fields: Mapping[str, Field], payload: bytes, slots: Path | None) -> tuple[dict[str, Field], bytes]:
    """Give the child one message and return its answer.

    Args:
        fields: the task and its settings.
        payload: the hostile bytes; at most 11 MiB.
        slots: folder for the lock files by which all processes of this machine share two places; None shares them in
            this process only.

    Raises:
        SandboxBusy: no place came free in 30 seconds. SandboxBroken: the child did not start.
        ChildGaveUp: it ended without an answer.
    """
    with _place(slots), _memory(pack(fields, payload)) as source, _memory() as sink:
        code, late = _start_and_wait(source, sink)
        answer = os.pread(sink, OUTPUT + 1, 0)
    if not answer.startswith(READY):
        raise SandboxBroken
    # SIGXCPU, or SIGKILL at the hard limit or by us
    if late or code in {-24, -9}:
        raise ChildGaveUp(too_heavy=True)
    if code != 0:
        raise ChildGaveUp(too_heavy=False)
    try:
        return unpack(answer[len(READY) :])
    except ValueError:
        raise ChildGaveUp(too_heavy=False) from None


def _start_and_wait(source: int, sink: int) -> tuple[int, bool]:
    child = subprocess.Popen(  # noqa: S603 - our own interpreter, fixed text, no shell
        [sys.executable, "-I", "-B", "-c", _BOOT, str(_ROOT)],
        stdin=source,
        stdout=sink,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )
    with child:
        try:
            return child.wait(WALL_SECONDS), False
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait(), True


@contextlib.contextmanager
def _memory(content: bytes = b"") -> Iterator[int]:
    """Give a file that exists in memory only (memfd), rewound."""
    descriptor = os.memfd_create("portal", os.MFD_CLOEXEC)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _place(slots: Path | None) -> Iterator[None]:
    if slots is None:
        if not _here.acquire(timeout=QUEUE_SECONDS):
            raise SandboxBusy
        try:
            yield
        finally:
            _here.release()
        return
    slots.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = _lock_one(slots)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock_one(slots: Path) -> int:
    """Return an open, locked slot file; closing it frees the place, and so does the death of this process."""
    patience = time.monotonic() + QUEUE_SECONDS
    while True:
        for number in range(AT_ONCE):
            descriptor = os.open(slots / f"slot-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            else:
                return descriptor
        if time.monotonic() > patience:
            raise SandboxBusy
        time.sleep(0.05)
