"""Several processes under kill -9: `uv run python -m tests.bench.sweep --kills 60 --orders 300`.

Three processes with one token and one PostgreSQL; people in servers of every shard order images and videos, and press
once more where Discord says that the bot did not answer. At random moments one of the processes is killed, and started
again; the service and Discord fail now and then. In the end every order has come to an end that its card says, nothing
was sent twice, and no card stands twice. Exit code 1 where that is not so.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage
from tests import postgresql
from tests.bench.ends import rows_at_an_end, sent_twice
from tests.e2e.several import Several, held, until

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.process import BotProcess

SHARDS: Final = 6
PROCESSES: Final = 3
FAULT_EVERY: Final = 3.0
API_FAULTS: Final = ("429", "build", "400")
ROUTES: Final = ("PATCH /webhooks/*", "POST /channels/*/messages", "PATCH /channels/*")


@dataclass
class Figures:
    accepted: list[str] = field(default_factory=list[str])
    """The prompts of orders that Discord shows as answered."""
    unanswered: int = 0
    killed_at: list[float] = field(default_factory=list[float])
    refused: Counter[str] = field(default_factory=Counter[str])


async def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--orders", type=int, default=60)
    parser.add_argument("--every", type=float, default=8.0, help="seconds between kills, on average (8)")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    print(f"seed {asked.seed}; the machine's load {os.getloadavg()[0]:.1f} over {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="onekey-bench-") as folder, postgresql.server() as socket:
        url = postgresql.url_of(socket, "postgres")
        environment = {"DATABASE_URL": url, "SHARD_COUNT": str(SHARDS)}
        behaviour = Behaviour(images=Plan(delay=0.5), submit=Plan(queue_seconds=0.5, run_seconds=5))
        async with (
            Stage(
                behaviour=behaviour,
                environment=environment,
                start=False,
                data_dir=Path(folder) / "data",
                poll_seconds=1,
            ) as stage,
            AsyncExitStack() as stack,
        ):
            stage.discord.limits.groups |= {"gateway": None, "message.get": None}
            bots = Several(stage, Path(folder), stack)
            running = [await bots.start() for _ in range(PROCESSES)]
            await until(lambda: sum(len(held(bot)) for bot in running) == SHARDS, within=120)
            found = await sweep(bots, running, asked, chance)
            return await judge(stage, url, found)


async def sweep(bots: Several, running: list[BotProcess], asked: argparse.Namespace, chance: random.Random) -> Figures:
    found, over = Figures(), asyncio.Event()
    channels = [bots.channel_of(shard, SHARDS) for shard in range(SHARDS)]
    ordering = [
        asyncio.create_task(order(bots.stage, channel, asked.orders, found, chance)) for channel in channels * 3
    ]
    faults = asyncio.create_task(fail(bots.stage, over, chance))
    for _ in range(asked.kills):
        await asyncio.sleep(chance.expovariate(1 / asked.every))
        index = chance.randrange(len(running))
        await running[index].kill()
        found.killed_at.append(time.monotonic())
        running[index] = await bots.start()
        for bot in running:
            if not bot.running:
                print(f"a process ended by itself with {bot.returncode}: {bot.log_end(14)}")
    await asyncio.gather(*ordering)
    over.set()
    await faults
    bots.stage.discord.faults.clear()
    bots.stage.api.calm()
    return found


async def order(stage: Stage, channel: Channel, count: int, found: Figures, chance: random.Random) -> None:
    """One order after the other, as long as all together have not had enough."""
    who = stage.world.person(f"person {channel.id} {chance.random()}", guild=stage.world.guild_of(channel))
    while len(found.accepted) < count:
        prompt = f"heron {chance.random()}"
        command = "imagine" if chance.random() < 0.6 else "video"
        try:
            use = await who.command(channel, command, prompt=prompt)
            await use.message(8)
        except Exception as error:  # noqa: BLE001 - whatever became of it, no order was accepted
            found.unanswered += 1
            found.refused[type(error).__name__] += 1
        else:
            found.accepted.append(prompt)
        await asyncio.sleep(chance.uniform(0.5, 3))


async def fail(stage: Stage, over: asyncio.Event, chance: random.Random) -> None:
    while not over.is_set():
        await asyncio.sleep(FAULT_EVERY)
        applied = chance.random() < 0.5
        stage.discord.faults.status(chance.choice(ROUTES), 502, applied=applied)
        stage.api.next(chance.choice(("images", "video.submit", "video.poll")), fault=chance.choice(API_FAULTS))


async def judge(stage: Stage, url: str, found: Figures) -> int:
    began = time.monotonic()
    rows, left = await rows_at_an_end(url, within=120)
    settled = time.monotonic() - began
    states = Counter(" ".join(filter(None, (row["kind"], row["state"], row["reason"]))) for row in rows)
    by_prompt = {row["prompt"]: row for row in rows}
    lost = [prompt for prompt in found.accepted if prompt not in by_prompt]
    paid_twice = sent_twice(stage.api)
    cards = Counter(
        message.id
        for guild in stage.world.guilds.values()
        for channel in guild.channels.values()
        for message in channel.messages.values()
        for row in rows
        if message.author.bot and row["prompt"] in message.text and message.id != row["message_id"]
    )
    unsaid = [
        row["prompt"]
        for row in rows
        if row["shown_state"] != row["state"] and row["state"] not in {"dropped", "delivered"}
    ]
    refused = dict(found.refused)
    print(f"{len(found.killed_at)} kills; {len(found.accepted)} orders accepted, {found.unanswered} not ({refused})")
    print(f"all at an end {settled:.1f} s after the last; states: {dict(states)}")
    print(
        f"lost {len(lost)}, without an end {left}, sent twice {len(paid_twice)}, cards that stand twice {len(cards)}, "
        f"cards that do not say the end {len(unsaid)}; goal: 0 each; 429s {stage.discord.limits.served_429}"
    )
    print(f"the machine's load {os.getloadavg()[0]:.1f}")
    return 1 if lost or left or paid_twice or cards else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
