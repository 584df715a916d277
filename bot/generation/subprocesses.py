"""Python in a child process, for work on what is untrusted: it is killed when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import sys


async def run_python(*arguments: str, seconds: float) -> tuple[int, str]:
    """Run Python with these arguments: its exit code, and what it said on standard error.

    Its memory is its own to limit. TimeoutError: it was killed after `seconds`; so it is when the caller is cancelled.
    """
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
