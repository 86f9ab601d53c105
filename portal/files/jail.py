"""How the child process that decodes files locks itself in. Linux and standard library only; called by the child, once.

In force before the first hostile byte is looked at:

- memory 1 GiB (RLIMIT_AS), processor 10 s (RLIMIT_CPU), no core dump, at most 16 MiB of output (RLIMIT_FSIZE);
- no new file descriptor of any kind (RLIMIT_NOFILE 0): no file, socket or pipe can be opened; the three that were
  handed over are memory and ``/dev/null``;
- no new process (RLIMIT_NPROC 0; HEIC is the exception, for its decoder needs a thread of its own);
- a process started by root becomes ``nobody``, where root may do that;
- a system call filter (seccomp, on x86-64 and arm64): computing, memory, reading and writing what is open, threads and
  ending. Everything else is refused, also raising the limits above;
- the child dies with its parent.

On another processor, or where the kernel has no seccomp, the filter is missing and the other five remain: then nothing
can be read or sent, but names of files that this user may remove could still be removed.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct

MEMORY = 1 << 30
SECONDS = 10
OUTPUT = 16 << 20
_NOBODY = 65534
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_FILTER = 2
_CLONE_THREAD = 0x00010000
_EPERM, _ENOSYS = 1, 38
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000

# read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn sched_yield mremap
# madvise getpid exit exit_group futex clock_gettime getrandom gettid sched_getaffinity getrusage set_robust_list
# restart_syscall nanosleep clock_nanosleep sigaltstack rseq
_MACHINES = {
    "x86_64": (
        0xC000003E,
        frozenset({0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 35, 39, 60, 98, 131, 186, 202, 204, 219, 228})
        | {230, 231, 273, 318, 334},
        56,
    ),
    "aarch64": (
        0xC00000B7,
        frozenset({57, 62, 63, 64, 80, 93, 94, 98, 99, 101, 113, 115, 123, 124, 128, 132, 134, 135, 139, 165, 172})
        | {178, 214, 215, 222, 226, 233, 216, 278, 293},
        220,
    ),
}
_CLONE3 = 435


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def limit() -> None:
    """Set the limits that hold from the child's first line on: memory, processor, core, output."""
    for which, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, OUTPUT),
    ):
        resource.setrlimit(which, (most, most))


def lock(threads: bool = False) -> bool:
    """Shut the door, for good: see the module's first lines. Everything that needs a file must be loaded by now.

    Args:
        threads: the decoder starts threads of its own.

    Returns:
        Whether the system call filter is in force too.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):  # a container may have taken this right away from its root
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if not threads:
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return _filter(libc)


def _filter(libc: ctypes.CDLL) -> bool:
    machine = _MACHINES.get(platform.machine())
    if machine is None or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    code = _compile(*machine)
    program = _Program(len(code) // 8, code)
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)


def _compile(architecture: int, allowed: frozenset[int], clone: int) -> bytes:
    """Return the filter as BPF: kill another architecture, allow the list and threads, refuse the rest with EPERM."""
    tail = len(allowed)
    lines = [
        (_LOAD, 0, 0, 4),  # seccomp_data.arch
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),  # seccomp_data.nr
        *((_EQUAL, tail - n + 5, 0, number) for n, number in enumerate(sorted(allowed))),
        (_EQUAL, 0, 2, clone),
        (_LOAD, 0, 0, 16),  # lower half of the first argument: the flags
        (_ANY_BIT, 3, 2, _CLONE_THREAD),
        (_EQUAL, 0, 1, _CLONE3),  # its flags are out of sight; glibc falls back to clone
        (_RETURN, 0, 0, _ERRNO | _ENOSYS),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
