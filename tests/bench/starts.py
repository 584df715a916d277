"""From the start of the process to READY, and what an idle bot holds in memory."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sandbox.stage import BotEnded
from tests.bench.load import cpu_seconds, rss, until_quiet

if TYPE_CHECKING:
    from sandbox.stage import Stage

_SETTLED: Final = 3.0
"""Seconds after READY: the models are listed, the commands compared, the waiting work looked for."""
_WITHIN: Final = 30.0


@dataclass(slots=True)
class Starts:
    """One figure a start. Seconds, MiB."""

    ready: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])
    """Processor time until READY."""
    idle_rss: list[float] = field(default_factory=list[float])


async def play_starts(stage: Stage, *, starts: int, patience: float) -> Starts:
    """Starts the bot once to warm up (schema, commands, bytecode), then `starts` times for the record."""
    without_start_limits(stage)
    await stage.start()
    await asyncio.sleep(1.0)
    await stage.stop()
    found = Starts()
    for _ in range(starts):
        await until_quiet(patience)
        found.ready.append(await ready_after(stage))
        pid = stage.bot.pid
        assert pid is not None
        found.cpu.append(cpu_seconds(pid))
        await asyncio.sleep(_SETTLED)
        found.idle_rss.append(rss(pid))
        await stage.stop()
    return found


def without_start_limits(stage: Stage) -> None:
    """Two calls in five seconds, and five syncs in twenty: starts that follow one another so soon would wait for them,
    which no real one does.
    """
    stage.discord.limits.groups |= {"gateway": None, "commands.write": None}


async def ready_after(stage: Stage) -> float:
    """Starts the bot; seconds until READY reached it: the stand-in notes when it was sent, the way adds its half."""
    gateway = stage.discord.gateway
    while gateway.connected:  # noqa: ASYNC110 - the last one's socket, whose end nobody reports
        await asyncio.sleep(0.01)
    await stage.bot.start()
    ready = asyncio.create_task(gateway.wait_ready(timeout=_WITHIN))
    ended = asyncio.create_task(stage.bot.ended())
    try:
        await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
        sent_at = time.monotonic()
        if not ready.done():
            raise BotEnded(f"the bot ended with exit code {ended.result()}:\n{stage.bot.log_end()}")
        ready.result()
    finally:
        for task in (ready, ended):
            task.cancel()
        await asyncio.gather(ready, ended, return_exceptions=True)
    return sent_at + gateway.latency.gateway - stage.bot.started_at
