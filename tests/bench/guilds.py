"""A hundred thousand servers in several processes: `uv run python -m tests.bench.guilds`.

40 shards of 2,500 lean servers each, shared by four processes over one PostgreSQL, against the stand-in on the same
machine, as strict about IDENTIFY as Discord is. Prints memory a process, seconds until all is held, and how many
commands a second are answered within one second.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from sandbox.discord import payloads
from sandbox.discord.gateway import IDENTIFY_SECONDS
from sandbox.stage import Stage
from tests import postgresql
from tests.e2e.cards import someone
from tests.e2e.several import Several, held, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.models import Json

WITHIN_GOAL: Final = 1.0


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--servers", type=int, default=2490, help="of each shard, beside the bench's own")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--concurrency", type=int, default=16, help="Discord's max_concurrency for the bot")
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    print(f"{asked.shards} shards of {asked.servers:,} servers; the machine's load {os.getloadavg()[0]:.1f}")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
        url = postgresql.url_of(stack.enter_context(postgresql.server()), "postgres")
        environment = {"DATABASE_URL": url, "SHARD_COUNT": str(asked.shards)}
        stage = Stage(environment=environment, data_dir=folder / "data", start=False)
        await stack.enter_async_context(stage)
        gateway = stage.discord.gateway
        stage.discord.limits.groups |= {"gateway": None}
        gateway.identify_seconds, gateway.max_concurrency = IDENTIFY_SECONDS, asked.concurrency
        template = payloads.guild_create(stage.guild, stage.world.application.bot, all_members=False)

        def lean(shard_id: int, count: int) -> Iterator[Json]:
            for number in range(asked.servers):
                yield template | {"id": str(((number + 1) * count + shard_id) << 22), "threads": [], "channels": []}

        gateway.more_guilds = lean
        bots = Several(stage, folder, stack)
        began = time.monotonic()
        running = [await bots.start() for _ in range(asked.processes)]
        await until(lambda: sum(len(held(bot)) for bot in running) >= asked.shards, within=900)
        shares = [len(held(bot)) for bot in running]
        print(f"all shards held {time.monotonic() - began:.0f} s after the first start; shares {shares}")
        print(f"{gateway.identifies} IDENTIFYs, {gateway.too_soon} too soon (goal 0)")
        await asyncio.sleep(5)
        for bot in running:
            if not bot.running:
                print(f"a process ended by itself with {bot.returncode}: {bot.log_end(6)}")
        running = [bot for bot in running if bot.running]
        sizes = [psutil.Process(bot.pid).memory_info().rss / 2**20 for bot in running]
        print(f"MiB a process: {[round(size) for size in sizes]}")
        await commands(bots, asked.shards, asked.seconds)
        print(f"the machine's load {os.getloadavg()[0]:.1f}")
    return 0


async def commands(bots: Several, shards: int, seconds: float) -> None:
    channels = [bots.channel_of(shard, shards) for shard in range(0, shards, max(1, shards // 8))]
    taken: list[float] = []
    late = 0
    over = time.monotonic() + seconds

    async def ask(number: int) -> None:
        nonlocal late
        channel = channels[number % len(channels)]
        who = someone(bots.stage, f"person {number}", at=channel)
        while time.monotonic() < over:
            use = await who.command(channel, "jobs")
            try:
                taken.append(await use.acknowledged(4))
            except Exception:  # noqa: BLE001 - it was not answered in time
                late += 1

    began = time.monotonic()
    await asyncio.gather(*(ask(number) for number in range(16)))
    rate = sum(one <= WITHIN_GOAL for one in taken) / (time.monotonic() - began)
    slow = sum(one > WITHIN_GOAL for one in taken) + late
    median = statistics.median(taken or [0]) * 1000
    print(f"{len(taken)} commands of 16 people: {rate:.0f} a second answered within {WITHIN_GOAL:.0f} s")
    print(f"median {median:.0f} ms, {slow} later")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
