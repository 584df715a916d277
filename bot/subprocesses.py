"""Python in a child process, for work on what is untrusted: it is killed when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

AT_ONCE: Final = max(1, min(4, os.cpu_count() or 1))
"""Child processes; others wait. Each may take as much memory as it is allowed to, and a core."""
BRIEF_SECONDS: Final = 60.0
"""What takes longer has places of its own: a picture does not wait for others' clips."""

_ROOT: Final = str(Path(__file__).parents[1])
_LAST_WORDS: Final = 64 * 1024
_PIECE: Final = 64 * 1024
_KEPT: Final = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "IMAGEIO_FFMPEG_EXE"),
    }
)
"""What a child knows of the bot's environment: the owner's tokens and keys are not for it."""

_Places = dict[bool, asyncio.Semaphore]
# The machine is one, whoever asks: so the places are the process's. (Tests have a loop each.)
_places: Final = WeakKeyDictionary[asyncio.AbstractEventLoop, _Places]()


class TooMuchOutput(Exception):
    """A child wrote more than it may; it was killed."""


def program_of(code: str) -> tuple[str, ...]:
    """Arguments for a program that imports from the bot: what it imports is all that it sees of it."""
    return ("-c", f"import sys; sys.path.append(sys.argv.pop(1))\n{code}", _ROOT)


async def run_python(*arguments: str, seconds: float) -> tuple[int, str]:
    """Run Python with these arguments: its exit code, and what it said on standard error.

    `AT_ONCE` of them run at a time, and as many long ones. Its memory is its own to limit. TimeoutError: it was killed
    after `seconds`; so it is when the caller is cancelled.
    """
    ended, _, said = await pipe_python(*arguments, seconds=seconds)
    return ended, said


async def pipe_python(*arguments: str, seconds: float, given: bytes = b"", most: int = 0) -> tuple[int, bytes, str]:
    """The same for a program that reads `given` on standard input and writes at most `most` bytes on standard output.

    Returns these as well. TooMuchOutput.
    """
    places = _places.setdefault(asyncio.get_running_loop(), {})
    async with places.setdefault(seconds <= BRIEF_SECONDS, asyncio.Semaphore(AT_ONCE)):
        return await _run(arguments, seconds=seconds, given=given, most=most)


async def _run(arguments: Sequence[str], *, seconds: float, given: bytes, most: int) -> tuple[int, bytes, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", *arguments),
        stdin=asyncio.subprocess.PIPE if given else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE if most else asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name in _KEPT},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            work = _give(process.stdin, given), _take(process.stdout, most), _hear(process.stderr)
            _, written, said = await asyncio.gather(*work)
            ended = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                if hasattr(os, "killpg"):
                    os.killpg(process.pid, signal.SIGKILL)  # and all that it started
                else:
                    process.kill()
            await process.wait()
    return ended, written, said.decode(errors="replace")


async def _give(pipe: asyncio.StreamWriter | None, given: bytes) -> None:
    if pipe is None:
        return
    # What it has not read when it ends, it did not want.
    with contextlib.suppress(ConnectionError):
        pipe.write(given)
        await pipe.drain()
        pipe.close()


async def _take(pipe: asyncio.StreamReader | None, most: int) -> bytes:
    taken = bytearray()
    while pipe is not None and (piece := await pipe.read(_PIECE)):
        taken += piece
        if len(taken) > most:
            raise TooMuchOutput
    return bytes(taken)


async def _hear(pipe: asyncio.StreamReader | None) -> bytes:
    """The last that it said: however much that is, it is no reason to end it."""
    said = bytearray()
    while pipe is not None and (piece := await pipe.read(_PIECE)):
        said += piece
        del said[:-_LAST_WORDS]
    return bytes(said)
