"""A program as a child process that is ended for certain, whatever becomes of this one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

STOP_WITHIN: Final = 10.0
RUN: Final = ("-m", "bot", "run")


class BotEnded(RuntimeError):
    """The bot's process ended although it should run. The text holds its exit code and the end of its log."""


class Child(Protocol):
    """What is asked of a started process: as asyncio's own."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...

    async def wait(self) -> int: ...

    def send_signal(self, signal: int) -> None: ...

    def kill(self) -> None: ...


class BotProcess:
    """One program as a child process, its output in a file, ended for certain.

    A tiny shell beside it ends it should this process be killed: it reads a pipe that only we hold.
    """

    def __init__(
        self,
        *,
        environment: Mapping[str, str],
        cwd: Path,
        log: Path,
        arguments: Sequence[str] = RUN,
        spawn: Callable[[BotProcess], Awaitable[Child]] | None = None,
    ) -> None:
        self.environment = dict(environment)
        self.cwd = cwd
        self.log = log
        self.arguments = tuple(arguments)
        self.started_at = 0.0
        """time.monotonic() just before the process was started."""
        self._spawn = spawn or execute
        self._process: Child | None = None
        self._guard: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def returncode(self) -> int | None:
        return self._process.returncode if self._process is not None else None

    async def start(self) -> None:
        """Starts the process; returns at once.

        Raises:
            RuntimeError: it runs already.
        """
        if self.running:
            raise RuntimeError("the bot is running already")
        self.started_at = time.monotonic()
        self._process = await self._spawn(self)
        if os.name == "posix":
            self._guard = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", 'read -r _; kill -9 "$0" 2>/dev/null', str(self._process.pid)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )

    async def ended(self) -> int:
        """Waits until it ends by itself or by us; its exit code."""
        if self._process is None:
            raise RuntimeError("the bot was never started")
        return await self._process.wait()

    async def stop(self, *, within: float = STOP_WITHIN) -> int:
        """SIGTERM and, after `within` seconds, SIGKILL. The exit code; negative: the signal that ended it."""
        return await self._end(signal.SIGTERM, within=within)

    async def kill(self) -> int:
        """SIGKILL: as if the machine had lost its power."""
        return await self._end(signal.SIGKILL, within=STOP_WITHIN)

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal, SIGSTOP for instance."""
        if self._process is not None and self.running:
            self._process.send_signal(number)

    def log_end(self, lines: int = 20) -> str:
        """The last lines of its output."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    async def _end(self, number: signal.Signals, *, within: float) -> int:
        process = self._process
        if process is None:
            return 0
        try:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(number)
                async with asyncio.timeout(within):
                    await process.wait()
        except (TimeoutError, asyncio.CancelledError) as error:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            await self._dismiss_guard()
        return await process.wait()

    async def _dismiss_guard(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None and guard.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                guard.kill()
            await guard.wait()


async def execute(bot: BotProcess) -> Child:
    """A new Python."""
    with bot.log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *bot.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=bot.cwd,
            env=bot.environment,
            start_new_session=True,  # Ctrl-C in the terminal is ours; the bot gets a SIGTERM from us
        )
