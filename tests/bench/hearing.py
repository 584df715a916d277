"""Messages that are not for the bot, in a busy server: `uv run python tests/bench/hearing.py`.

With the privileged intent, so with all their text, 1,000 a second come to the bot; what it costs, and whether /ask is
as quick as without them. Exit code 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.discord import payloads
from sandbox.discord.models import MESSAGE_CONTENT
from sandbox.stage import Stage
from tests.bench.api_process import ApiProcess
from tests.bench.load import cpu_seconds, rss, until_quiet
from tests.bench.rounds import Case, ask_in, make_scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.discord.models import Json

A_SECOND: Final = 1000
CPU_GOAL: Final = 0.25
FIRST_TEXT_MORE: Final = 0.05
"""Seconds that the first text of /ask may come later beside them: the stand-in writes all of them, too."""
MEMORY_MORE: Final = 3.0
"""MiB."""
_BEAT: Final = 0.02


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests/bench/hearing.py", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="how long they come (15)")
    parser.add_argument(
        "--patience", type=float, default=10.0, metavar="S", help="how long to wait for a quiet machine"
    )
    return asyncio.run(bench(parser.parse_args(arguments)))


async def bench(options: argparse.Namespace) -> int:
    """Plays and prints everything; 1 when a goal was missed."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
        api = await stack.enter_async_context(ApiProcess())
        scene = make_scene()
        scene.world.application.intents |= MESSAGE_CONTENT
        stage = Stage(
            scene=scene,
            real_api=(api.base_url, api.key),
            data_dir=folder,
            environment={"MESSAGE_CONTENT": "true"},
            latency=0.05,
        )
        await stack.enter_async_context(stage)
        pid = stage.bot.pid or 0
        await ask_in(stage, api, Case(1, 1), people=1, name="start", spread=0)
        await until_quiet(options.patience)
        alone = [(await ask_in(stage, api, Case(1, 1), people=1, name=f"a{n}", spread=0))[0] for n in range(4)]
        before = rss(pid)
        flood = asyncio.create_task(_flood(stage, options.seconds))
        await asyncio.sleep(1.0)
        began, used = time.monotonic(), cpu_seconds(pid)
        await asyncio.sleep(options.seconds / 3)
        share = (cpu_seconds(pid) - used) / (time.monotonic() - began)
        beside = [(await ask_in(stage, api, Case(1, 1), people=1, name=f"b{n}", spread=0))[0] for n in range(2)]
        sent = await flood
        after = rss(pid)
    first = [statistics.median(one.first_text for one in some) for some in (alone, beside)]
    rows = (
        ("CPU, of a core", share, CPU_GOAL),
        ("first text of /ask later, s", first[1] - first[0], FIRST_TEXT_MORE),
        ("memory more, MiB", after - before, MEMORY_MORE),
    )
    print(f"{sent:.0f} messages a second; first text of /ask {first[0]:.3f} s without them, {first[1]:.3f} s with")
    for name, value, goal in rows:
        print(f"  {name:<32}{value:>9.3f}   goal {goal:g}  {'ok' if value <= goal else 'MISSED'}")
    return int(any(value > goal for _, value, goal in rows))


async def _flood(stage: Stage, seconds: float) -> float:
    """Messages of many people in many channels; how many a second it were."""
    guild = stage.guild
    channels, people = list(stage.scene.channels.values()), list(stage.scene.people.values())
    said = "The quick brown fox jumps over the lazy dog, and nobody asks the bot about it. "
    events: list[Json] = []
    for number in range(100):
        message = await people[number % len(people)].say(channels[1 + number % (len(channels) - 1)], said * 2)
        data = payloads.message(message, guild) | {"guild_id": str(guild.id), "channel_type": 0}
        data["member"] = payloads.member(guild, guild.members[message.author.id], with_user=False)
        events.append(data)
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        for _ in range(int(passed * A_SECOND) - sent):
            stage.discord.gateway.send("MESSAGE_CREATE", events[sent % len(events)])
            sent += 1
        await asyncio.sleep(_BEAT)
    return sent / (time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
