"""A rolling restart while people order: `uv run python -m tests.bench.rolling` (some three minutes).

Three processes with one token and one PostgreSQL; 30 people in servers of every shard order images, one after the
other. Three new processes are started beside the old ones, one at a time, then each old one is told to end. Printed:
how long each shard was silent (the longest that an order in it waited for Discord's acknowledgement; what was not
answered at all counts as that and more), how long it belonged to nobody by the processes' own logs, and what was lost
or made twice. Exit code 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage
from tests import postgresql
from tests.bench.ends import rows_at_an_end, sent_twice
from tests.bench.load import until_quiet
from tests.e2e.several import GAVE, HOLDS, Several, held, until

if TYPE_CHECKING:
    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel
    from sandbox.process import BotProcess

SILENT_GOAL: Final = 5.0
ACKNOWLEDGED_WITHIN: Final = 3.0
PAUSE: Final = 2.0
"""Seconds between one person's orders: 30 of them order 15 images a second."""
STANDS_BY: Final = 5.0
SAID_AT: Final = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})")


@dataclass
class Orders:
    """By shard: when each was typed, and how long it waited; None: it was not answered."""

    waits: dict[int, list[tuple[float, float | None]]] = field(
        default_factory=lambda: defaultdict[int, list[tuple[float, float | None]]](list)
    )
    accepted: list[str] = field(default_factory=list[str])


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--processes", type=int, default=3)
    parser.add_argument("--shards", type=int, default=6)
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to wait for a machine that does nothing else")
    asked = parser.parse_args()
    await until_quiet(asked.wait)
    print(f"the machine's load {os.getloadavg()[0]:.1f} over {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="onekey-bench-") as folder, postgresql.server() as socket:
        url = postgresql.url_of(socket, "postgres")
        behaviour = Behaviour(images=Plan(delay=0.5))
        options: dict[str, Any] = {"behaviour": behaviour, "start": False, "data_dir": Path(folder) / "data"}
        environment = {"DATABASE_URL": url, "SHARD_COUNT": str(asked.shards)}
        environment["DAILY_LIMIT_PER_USER"] = "ask=unlimited,imagine=unlimited,video=unlimited"
        async with Stage(environment=environment, **options) as stage, AsyncExitStack() as stack:
            stage.discord.limits.groups |= {"gateway": None, "message.get": None}
            bots = Several(stage, Path(folder), stack)
            return await roll(bots, asked, url)


async def roll(bots: Several, asked: argparse.Namespace, url: str) -> int:
    every = set(range(asked.shards))
    old = [await bots.start() for _ in range(asked.processes)]
    await until(lambda: set[int]().union(*map(held, old)) == every, within=180)
    found, over = Orders(), asyncio.Event()
    shards: int = asked.shards
    channels = [bots.channel_of(shard, shards) for shard in range(shards)]
    people = [
        asyncio.create_task(order(bots.stage, channels[one % shards], one % shards, found, over))
        for one in range(int(asked.people))
    ]
    await asyncio.sleep(10)
    before = time.monotonic()
    new: list[BotProcess] = []
    for _ in old:
        new.append(await bots.start())
        # It may have to stand by: the old ones have their shares.
        await until(lambda: "logging in" in new[-1].log_end(1000), within=180)
        await asyncio.sleep(STANDS_BY)
    for bot in old:
        code = await bot.stop(within=120)
        print(f"an old process ended with {code} after {time.monotonic() - before:.0f} s")
    await until(lambda: set[int]().union(*map(held, new)) == every, within=120)
    after = time.monotonic()
    await asyncio.sleep(5)
    over.set()
    await asyncio.gather(*people)
    return await judge(bots, found, url, before, after)


async def order(stage: Stage, channel: Channel, shard: int, found: Orders, over: asyncio.Event) -> None:
    who = stage.world.person(f"person of shard {shard}", guild=stage.world.guild_of(channel))
    number = 0
    while not over.is_set():
        number += 1
        prompt = f"heron {who.id} {number}"
        use: Invocation = await who.command(channel, "imagine", prompt=prompt)
        typed = time.monotonic()
        try:
            found.waits[shard].append((typed, await use.acknowledged(ACKNOWLEDGED_WITHIN + 5)))
            await use.message(60)
            found.accepted.append(prompt)
        except Exception as error:  # noqa: BLE001 - whatever became of it, it was not answered
            print(f"shard {shard}: not answered ({type(error).__name__}: {error})")
            found.waits[shard].append((typed, None))
        await asyncio.sleep(PAUSE)


async def judge(bots: Several, found: Orders, url: str, before: float, after: float) -> int:
    rows, _ = await rows_at_an_end(url, within=60)
    states = Counter(row["state"] for row in rows)
    lost = set(found.accepted) - {row["prompt"] for row in rows if row["state"] == "delivered"}
    doubled = sent_twice(bots.stage.api)
    told = [at for each in found.waits.values() for at in each]
    unanswered = sum(wait is None for _, wait in told)
    print(f"{len(told)} orders, {unanswered} not answered, {len(lost)} lost, {len(doubled)} made twice; goal: 0 each")
    print(f"states {dict(states)}; the restart took {after - before:.0f} s; load {os.getloadavg()[0]:.1f}")
    nobodys = without_holder(bots.bots)
    worst = 0.0
    for shard, waits in sorted(found.waits.items()):
        during = [wait for typed, wait in waits if before <= typed <= after]
        known = [wait for wait in during if wait is not None]
        silent = silence(waits, before, after)
        worst = max(worst, silent)
        print(
            f"shard {shard}: silent {silent:.2f} s at most (median answer {median(known or [0]):.2f} s, "
            f"{len(during)} orders, {len(during) - len(known)} not answered); "
            f"nobody's for {', '.join(f'{one:.2f}' for one in nobodys[shard]) or '–'} s"
        )
    print(f"worst silence {worst:.2f} s, goal {SILENT_GOAL:.0f} s")
    return 1 if worst > SILENT_GOAL or lost or doubled or unanswered else 0


def silence(waits: list[tuple[float, float | None]], before: float, after: float) -> float:
    """The longest time from an order until anything in the shard was answered that was typed then or later."""
    answered = sorted((typed, typed + wait) for typed, wait in waits if wait is not None)
    worst = 0.0
    for typed, wait in waits:
        if before <= typed <= after:
            later = [at for began, at in answered if began >= typed]
            worst = max(worst, min([*later, after if wait is None else typed + wait]) - typed)
    return worst


def without_holder(bots: list[BotProcess]) -> dict[int, list[float]]:
    """By shard: how long it was nobody's each time that it was given away, by the processes' logs."""
    turns: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for bot in bots:
        for line in bot.log_end(1_000_000).splitlines():
            holds, at = HOLDS.search(line), SAID_AT.match(line)
            match = holds or GAVE.search(line)
            if match is not None and at is not None:
                seconds = datetime.strptime(at[1], "%Y-%m-%d %H:%M:%S,%f").timestamp()  # noqa: DTZ007 - one clock, and differences
                turns[int(match[1])].append((seconds, holds is not None))
    found: dict[int, list[float]] = defaultdict(list)
    for shard, told in turns.items():
        given = [at for at, holds in told if not holds]
        for at in given:
            # Its own line may come after the next one's: the database has told that one first.
            taken = [when for when, holds in told if holds and when > at - 5]
            found[shard].append(max(0.0, min(taken, default=at) - at))
    return found


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
