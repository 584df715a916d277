"""Bots as children of a process that has imported the bot once: that is most of what it takes to start one.

Each is a process of its own in every other way. What is no `python -m bot …`, or has a PYTHONPATH of its own, is a new
Python: so are the demo, and some of the command line's tests. `piped` does the same for other modules.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Final

from bot.__main__ import COGS
from sandbox.process import execute
from sandbox.stage import ROOT
from tests.e2e import forked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.context import ForkServerProcess
    from pathlib import Path

    from sandbox.process import BotProcess, Child

_BOT: Final = ("-m", "bot")
_SERVER: Final = multiprocessing.get_context("forkserver")
_LATE: Final = (
    "bot.process",
    "bot.check",
    "bot.store.postgresql",
    "bot.store.carrier",
    "bot.store.migrate",
    "sqlalchemy.dialects.postgresql.asyncpg",
)
"""What a bot imports when it is begun, by what it is asked for, and what its children do."""
_SERVER.set_forkserver_preload([forked.__name__, *_LATE, *COGS])


async def fork(bot: BotProcess, *, cogs: Sequence[str] = COGS, first: Callable[[], None] | None = None) -> Child:
    """Start the bot; the log has what it writes. `cogs`: the features that it has. `first` is called in its process."""
    if bot.arguments[:2] != _BOT or bot.environment["PYTHONPATH"] != str(ROOT):
        return await execute(bot)
    return await started(bot.arguments[2:], bot.environment, bot.cwd, out=bot.log, err=bot.log, cogs=cogs, first=first)


async def started(
    words: Sequence[str],
    environment: Mapping[str, str],
    cwd: Path,
    *,
    out: Path,
    err: Path,
    cogs: Sequence[str] = COGS,
    first: Callable[[], None] | None = None,
) -> Child:
    """`python -m bot` and these words; what it writes is added to `out` and `err`."""
    process = _SERVER.Process(
        target=forked.run,
        args=(list(words), dict(environment), str(cwd), (str(out), str(err))),
        kwargs={"cogs": tuple(cogs), "first": first},
    )
    # The first time it waits for the imports.
    await asyncio.to_thread(process.start)
    return _Forked(process)


async def piped(
    module: str, *words: str, environment: Mapping[str, str] = os.environ, standards: Sequence[int] = (1, 2)
) -> Piped:
    """The `main` of a module, called with these words. `standards`: which of its outputs are read."""
    read, write = os.pipe()
    stdout = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(stdout)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(read, "rb"))
    with Connection(write, readable=False) as output:
        process = _SERVER.Process(target=forked.run_module, args=(module, words, dict(environment), output, standards))
        await asyncio.to_thread(process.start)
    return Piped(process, stdout)


class _Forked:
    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self._ended = asyncio.Event()
        self.pid = process.pid or 0
        self.returncode: int | None = None
        asyncio.get_running_loop().add_reader(process.sentinel, self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self.returncode = self._process.exitcode
        self._process.close()
        self._ended.set()

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, signal: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, signal)

    def kill(self) -> None:
        self.send_signal(9)


class Piped(_Forked):
    """One whose output is read."""

    def __init__(self, process: ForkServerProcess, stdout: asyncio.StreamReader) -> None:
        super().__init__(process)
        self.stdout = stdout

    async def communicate(self) -> tuple[bytes, None]:
        """As asyncio's."""
        said = await self.stdout.read()
        await self.wait()
        return said, None
