"""Several processes of the bot with one token and one PostgreSQL, beside a stage that has none of its own."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.process import RUN
from sandbox.stage import BOT_PERMISSIONS
from tests.e2e.cards import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from pathlib import Path

    from sandbox.discord.models import Channel
    from sandbox.process import BotProcess
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

HOLDS: Final = re.compile(r"this process holds shard (\d+)")
GAVE: Final = re.compile(r"this process gave shard (\d+) away")
until = partial(eventually, within=30.0, every=0.05)
"""For what stands in their logs: those of several are more to read."""


class Several:
    """`stage.bot` is not started: all are `started` here, each with a log of its own."""

    def __init__(self, stage: Stage, folder: Path, stack: AsyncExitStack) -> None:
        self.stage = stage
        self.bots: list[BotProcess] = []
        self._folder = folder
        self._stack = stack

    async def start(
        self, *, worker: bool = False, program: Sequence[str] = RUN, within: float = 60, **environment: str
    ) -> BotProcess:
        """`within`: seconds until a worker is ready."""
        log = self._folder / f"{'worker' if worker else 'bot'}-{len(self.bots)}.log"
        bot = self.stage.beside(log=log, arguments=(*program, "--worker") if worker else program, **environment)
        self.bots.append(bot)
        await bot.start()
        self._stack.push_async_callback(bot.kill)
        if worker:
            await until(lambda: "ready to work" in bot.log_end(1000), within=within)
        return bot

    @property
    def pids(self) -> list[int]:
        return [bot.pid for bot in self.bots if bot.pid is not None]

    def channel_of(self, shard_id: int, count: int) -> Channel:
        """A channel in a server of its own, of this shard."""
        world = self.stage.world
        while True:
            guild = world.guild("Elsewhere", bot_permissions=BOT_PERMISSIONS)
            if (guild.id >> 22) % count == shard_id:
                return world.text_channel(guild, "general")


def held(bot: BotProcess) -> set[int]:
    """The shards that a process says it holds."""
    shards: set[int] = set()
    for line in bot.log_end(100_000).splitlines():
        if (found := HOLDS.search(line)) is not None:
            shards.add(int(found[1]))
        elif (found := GAVE.search(line)) is not None:
            shards.discard(int(found[1]))
    return shards


@asynccontextmanager
async def several(
    new_stage: NewStage, postgresql_url: str, folder: Path, *, shards: int, **environment: str
) -> AsyncGenerator[Several]:
    settings = {"DATABASE_URL": postgresql_url, "SHARD_COUNT": str(shards), **environment}
    stage = await new_stage(environment=settings, start=False)
    async with AsyncExitStack() as stack:
        yield Several(stage, folder, stack)
