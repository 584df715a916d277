"""Closes the doors of the process that reads a file: it has what it needs, and a file could make it do anything.

From then on it opens no file, no socket and no program, and touches no other process: not in Python, by an audit hook,
and on Linux not in the libraries beneath it either, where the kernel refuses the calls (seccomp). Where the kernel has
no such filter (another system, another processor) the hook and the limits are what there is.
"""

from __future__ import annotations

import ctypes
import platform
import signal
import struct
import sys
from typing import Final

from bot import child_limits

_REFUSED: Final = frozenset({"open", "ctypes.dlopen"})
_REFUSED_MODULES: Final = frozenset(
    {"os", "socket", "subprocess", "shutil", "glob", "tempfile", "urllib", "http", "ftplib", "pty", "fcntl", "syslog"}
)
# What the kernel refuses, by its numbers on each processor: files, sockets, programs and other processes.
_CALLS: Final[dict[str, tuple[int, tuple[int, ...]]]] = {
    "x86_64": (
        0xC000003E,
        (
            *(2, 85, 257, 437, 304),  # open creat openat openat2 open_by_handle_at
            *(
                82,
                83,
                84,
                86,
                87,
                88,
                76,
                90,
                92,
                133,
            ),  # rename mkdir rmdir link unlink symlink truncate chmod chown mknod
            *(258, 259, 260, 263, 264, 265, 266, 268, 316),  # the same beneath a folder
            *(41, 42, 43, 49, 53, 288),  # socket connect accept bind socketpair accept4
            *(57, 58, 59, 322),  # fork vfork execve execveat
            *(62, 101, 129, 200, 297, 310, 311, 424, 434, 438),  # kill ptrace sigqueue tkill process_vm_* pidfd_*
            *(
                155,
                161,
                165,
                272,
                308,
                319,
                321,
                323,
                298,
                250,
                248,
                425,
            ),  # roots, mounts, namespaces, bpf, keys, io_uring
        ),
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(56, 437, 265),
            *(45, 33, 34, 35, 36, 37, 38, 53, 54, 276),
            *(198, 199, 200, 202, 203, 242),
            *(221, 281),
            *(117, 129, 130, 138, 240, 270, 271, 424, 434, 438),
            *(40, 41, 51, 97, 268, 279, 280, 282, 241, 217, 219, 425),
        ),
    ),
}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_X32: Final = 0x40000000
"""From this number on calls are the same ones in another dress (x86_64 alone)."""
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


def bound(*, memory: int, seconds: int, alarm: float) -> None:
    """Limits, before anything is read: bytes of addresses, seconds of work, and seconds on the clock."""
    # A person waits for it; the others' answers come first all the same.
    child_limits.bound(memory=memory, seconds=seconds, nice=5, FSIZE=0, CORE=0, NOFILE=64)
    if hasattr(signal, "setitimer"):  # should the bot die first, nobody else would end this process
        signal.setitimer(signal.ITIMER_REAL, alarm)


def close() -> bool:
    """Close the doors for good. Whether the kernel holds them too."""
    held = _filter()
    sys.addaudithook(_refuse)
    return held


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    del arguments
    if event in _REFUSED or event.partition(".")[0] in _REFUSED_MODULES:
        raise PermissionError(event)


def _filter() -> bool:
    if sys.platform != "linux" or (known := _CALLS.get(platform.machine())) is None:
        return False
    architecture, calls = known
    checks = [_step(_EQUAL, number, then=len(calls) - at) for at, number in enumerate(calls)]
    program = b"".join(
        (
            _step(_LOAD, 4),  # the architecture that the call is made in
            _step(_EQUAL, architecture, then=1),
            _step(_RETURN, _KILL),
            _step(_LOAD, 0),  # the call's number
            _step(_AT_LEAST, _X32, then=len(calls) + 1),
            *checks,
            _step(_RETURN, _ALLOW),
            _step(_RETURN, _REFUSE),
        )
    )
    steps = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(steps))
    c = ctypes.CDLL(None, use_errno=True)
    numbers = [ctypes.c_ulong(one) for one in (1, 0, 0, 0)]
    return c.prctl(_NO_NEW_PRIVILEGES, *numbers) == 0 and c.prctl(_SECCOMP, ctypes.c_ulong(_FILTER), header) == 0


def _step(code: int, value: int, *, then: int = 0) -> bytes:
    """One step of a filter; `then`: how many steps it goes on by where it holds."""
    return struct.pack("HBBI", code, then, 0, value)
