"""Open videos over several workers: `uv run python -m tests.bench.shared_videos --count 100000 --workers 4`.

One process is connected to Discord, `--workers` others only make what was ordered. The rows are there before, as a
process that died left them. Then `--ending` videos end at once; with `--late` no interaction's token lives any more, so
that every card is edited by the bot's own token, which all processes share. Exit code 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import deque
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg  # pyright: ignore[reportMissingTypeStubs] - it ships none
import psutil

from sandbox.stage import Stage
from tests import postgresql
from tests.bench.video_api import VideoApi
from tests.bench.video_rows import make_scene, make_videos, put_rows
from tests.e2e.several import Several, held, until

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.process import BotProcess
    from tests.bench.video_rows import Video

POLLS_PER_SECOND: Final = 200.0
"""Of one process (`bot.generation.pace`)."""
OWN_TOKEN_GOAL: Final = 50


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ending", type=int, default=0, help="how many end at once")
    parser.add_argument("--late", action="store_true", help="no token lives any more")
    parser.add_argument("--seconds", type=float, default=60.0, help="that are measured while nothing ends")
    asked = parser.parse_args()
    print(f"{asked.count:,} open videos, {asked.workers} workers; the machine's load {os.getloadavg()[0]:.1f}")
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
        url = postgresql.url_of(stack.enter_context(postgresql.server()), "postgres")
        api = await stack.enter_async_context(VideoApi(count=asked.count, clip_bytes=30_000))
        scene = make_scene()
        ages = (1000.0, 2000.0) if asked.late else (0.0, 600.0)
        videos = make_videos(scene, count=asked.count, youngest=ages[0], oldest=ages[1])
        await put_rows(url, scene, videos)
        stage = Stage(
            scene=scene,
            real_api=(api.base_url, api.key),
            data_dir=folder / "data",
            environment={"DATABASE_URL": url, "SHARD_COUNT": "1"},
            poll_seconds=5,
            start=False,
        )
        await stack.enter_async_context(stage)
        stage.discord.limits.groups |= {"gateway": None}
        sent: deque[float] = deque()
        stage.discord.listeners.append(partial(_note, sent))
        bots = Several(stage, folder, stack)
        began = time.monotonic()
        running = [await bots.start(), *[await bots.start(worker=True) for _ in range(asked.workers)]]
        await until(lambda: held(running[0]) == {0}, within=120)
        driver: Any = asyncpg
        connection = await driver.connect(url)
        await _until(connection, "SELECT count(*) FROM generations WHERE process_id IS NULL", 0)
        print(f"all in hands {time.monotonic() - began:.1f} s after the first start")
        shares = await connection.fetch("SELECT process_id, count(*) FROM generations GROUP BY 1 ORDER BY 1")
        print(f"shares: {[row[1] for row in shares]}")
        missed = await watch(api, running, asked, max(row[1] for row in shares))
        if asked.ending:
            missed += await burst(api, connection, videos, asked, sent)
        print(f"429s {stage.discord.limits.served_429} (goal 0); the machine's load {os.getloadavg()[0]:.1f}")
        await connection.close()
    return missed + (stage.discord.limits.served_429 > 0)


async def watch(api: VideoApi, running: list[BotProcess], asked: argparse.Namespace, largest: int) -> int:
    interval = max(100.0 if asked.late else 30.0, largest / POLLS_PER_SECOND)
    processes = [psutil.Process(bot.pid) for bot in running]
    await api.polls()
    before = [sum(process.cpu_times()[:2]) for process in processes]
    began = time.monotonic()
    await asyncio.sleep(asked.seconds)
    taken = time.monotonic() - began
    polls = await api.polls()
    cpu = [(sum(process.cpu_times()[:2]) - at) / taken for process, at in zip(processes, before, strict=True)]
    memory = [process.memory_info().rss / 2**20 for process in processes]
    print(f"nothing ends, {taken:.0f} s: {len(polls.polls) / taken:.0f} polls a second, interval {interval:.0f} s")
    print(f"CPU, of a core, of each: {[round(one, 2) for one in cpu]}; MiB: {[round(one) for one in memory]}")
    return 0


async def burst(
    api: VideoApi, connection: Any, videos: list[Video], asked: argparse.Namespace, sent: deque[float]
) -> int:
    chosen = random.Random(3).sample(videos, asked.ending)
    began, wall = time.monotonic(), time.time()
    sent.clear()
    await api.finish({video.number: began for video in chosen})
    ended = "SELECT count(*) FROM generations WHERE state <> 'delivered'"
    await _until(connection, ended, len(videos) - asked.ending, within=600)
    taken = time.monotonic() - began
    found = await connection.fetch("SELECT generated_at FROM generations WHERE state = 'delivered'")
    late = sorted(row[0] - wall for row in found)
    fullest = max(
        (sum(first <= at < first + 1 for at in sent) for first in list(sent)[:: len(sent) // 500 + 1]), default=0
    )
    print(
        f"{asked.ending:,} ended at once: found after {late[len(late) // 2]:.1f} s (worst {late[-1]:.1f}), "
        f"all delivered after {taken:.0f} s"
    )
    print(f"requests with the bot's own token: {len(sent):,}, at most {fullest} in a second (goal {OWN_TOKEN_GOAL})")
    return int(fullest > OWN_TOKEN_GOAL)


def _note(sent: deque[float], request: web.Request, *_: object) -> None:
    if "Authorization" in request.headers:
        sent.append(time.monotonic())


async def _until(connection: Any, query: str, wanted: int, *, within: float = 180.0) -> None:
    async with asyncio.timeout(within):
        while await connection.fetchval(query) > wanted:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.25)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
