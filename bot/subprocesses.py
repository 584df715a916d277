"""Python in a child process, for work on what is untrusted: it is killed when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Final
from weakref import WeakKeyDictionary

AT_ONCE: Final = max(1, min(4, os.cpu_count() or 1))
"""Child processes; others wait. Each may take as much memory as it is allowed to, and a core."""
BRIEF_SECONDS: Final = 60.0
"""What takes longer has places of its own: a picture does not wait for others' clips."""

_Places = dict[bool, asyncio.Semaphore]
# The machine is one, whoever asks: so the places are the process's. (Tests have a loop each.)
_places: Final = WeakKeyDictionary[asyncio.AbstractEventLoop, _Places]()


async def run_python(*arguments: str, seconds: float) -> tuple[int, str]:
    """Run Python with these arguments: its exit code, and what it said on standard error.

    `AT_ONCE` of them run at a time, and as many long ones. Its memory is its own to limit. TimeoutError: it was killed
    after `seconds`; so it is when the caller is cancelled.
    """
    places = _places.setdefault(asyncio.get_running_loop(), {})
    async with places.setdefault(seconds <= BRIEF_SECONDS, asyncio.Semaphore(AT_ONCE)):
        return await _run_python(*arguments, seconds=seconds)


async def _run_python(*arguments: str, seconds: float) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return await process.wait(), said.decode(errors="replace")
