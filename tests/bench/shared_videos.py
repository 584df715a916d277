"""Open videos over several workers: `uv run python -m tests.bench.shared_videos --count 100000 --workers 4`.

One process is connected to Discord, `--workers` others only make what was ordered. All videos are a further process's,
which is then seen no more, as one that was killed: how long until they are in the others' hands, and until each was
asked after. Then `--ending` videos end at once; with `--late` no interaction's token lives any more, so that every card
is edited by the bot's own token, which all processes share. Exit code 1 when a goal was missed.
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

from sandbox.stage import Stage
from tests import postgresql
from tests.bench.load import Load, cpu_seconds, rss
from tests.bench.video_api import VideoApi
from tests.bench.video_rows import make_scene, make_videos, put_rows
from tests.e2e.several import Several, held, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from sandbox.process import BotProcess
    from tests.bench.video_rows import Video

POLLS_PER_SECOND: Final = 200.0
"""Of one process (`bot.generation.pace`)."""
OWN_TOKEN_GOAL: Final = 50
TAKEN_GOAL: Final = 30.0
_NOTING: Final = Path(__file__).with_name("noting_bot.py")
_TAKEN_WITHIN: Final = 300.0


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
        counted: deque[float] = deque()
        stage.discord.listeners.append(partial(_note, counted))
        connection = await postgresql.connect(url)
        dead = await _one_that_dies(connection)
        alive = asyncio.create_task(_be_seen(await postgresql.connect(url), dead))
        began = time.monotonic()
        bots = Several(stage, folder, stack)
        running = [await _start(bots, folder, number) for number in range(1 + asked.workers)]
        await until(lambda: held(running[0]) == {0}, within=120)
        print(f"all processes at work {time.monotonic() - began:.1f} s after the first start")
        alive.cancel()
        missed, largest = await take_over(connection, api, bots.pids, dead, asked.count)
        await watch(api, bots.pids, asked, largest)
        if asked.ending:
            ended = burst(connection, api, videos, asked.ending, interval=_interval(largest), noted=(counted, folder))
            missed += await ended
        print(f"429s {stage.discord.limits.served_429} (goal 0); the machine's load {os.getloadavg()[0]:.1f}")
        await connection.close()
    return missed + (stage.discord.limits.served_429 > 0)


async def take_over(connection: Any, api: VideoApi, pids: list[int], dead: int, count: int) -> tuple[int, int]:
    """Whether the goal was missed, and how many videos the process has that has most."""
    died, before = time.monotonic(), [cpu_seconds(pid) for pid in pids]
    await _until(connection, "SELECT count(*) FROM generations WHERE process_id = $1", 0, dead, within=_TAKEN_WITHIN)
    taken = time.monotonic() - died
    cpu = [cpu_seconds(pid) - at for pid, at in zip(pids, before, strict=True)]
    shares = [row[0] for row in await connection.fetch("SELECT count(*) FROM generations GROUP BY process_id")]
    print(f"taken over {taken:.1f} s after the process was seen last (goal {TAKEN_GOAL:.0f}); shares {sorted(shares)}")
    print(f"CPU seconds meanwhile, of each: {[round(one, 1) for one in cpu]}; load {os.getloadavg()[0]:.1f}")
    within = max(shares) / POLLS_PER_SECOND + 10.0
    seen: set[int] = set()
    async with asyncio.timeout(10 * within):
        while len(seen) < count:
            await asyncio.sleep(1)
            seen |= {number for number, _ in (await api.polls()).polls}
    polled = time.monotonic() - died
    print(f"each was asked after {polled:.0f} s after that (at {POLLS_PER_SECOND:.0f} a second each: {within:.0f} s)")
    return int(taken > TAKEN_GOAL), max(shares)


async def watch(api: VideoApi, pids: list[int], asked: argparse.Namespace, largest: int) -> None:
    await api.polls()
    watched = {str(number): pid for number, pid in enumerate(pids)}
    async with Load({**watched, "service": api.pid, "discord": os.getpid()}, measured="0") as load:
        await asyncio.sleep(asked.seconds)
    polls = len((await api.polls()).polls)
    memory = [rss(pid) for pid in watched.values()]
    print(f"nothing ends, {load.seconds:.0f} s: {polls / load.seconds:.0f} polls a second together", end=", ")
    print(f"interval {_interval(largest):.0f} s")
    shares = {name: round(share, 2) for name, share in load.mean.items()}
    print(f"CPU, of a core: {shares}; MiB: {[round(one) for one in memory]}")


async def burst(
    connection: Any,
    api: VideoApi,
    videos: list[Video],
    ending: int,
    *,
    interval: float,
    noted: tuple[deque[float], Path],
) -> int:
    counted, folder = noted
    chosen = random.Random(3).sample(videos, ending)
    began, wall = time.monotonic(), time.time()
    counted.clear()
    await api.finish({video.number: began for video in chosen})
    ended = "SELECT count(*) FROM generations WHERE state <> 'delivered'"
    await _until(connection, ended, len(videos) - ending, within=900)
    taken = time.monotonic() - began
    found = await connection.fetch("SELECT generated_at FROM generations WHERE state = 'delivered'")
    late = sorted(row[0] - wall for row in found)
    over = sum(one > interval for one in late)
    print(
        f"{ending:,} ended at once: found after {late[len(late) // 2]:.1f} s (worst {late[-1]:.1f}; {over} later "
        f"than one interval of {interval:.0f} s, goal 0), all delivered after {taken:.0f} s"
    )
    left = sorted(float(at) for file in folder.glob("noted-*") for at in file.read_text().split() if float(at) > began)
    fullest = _fullest(left)
    print(
        f"requests with the bot's own token: {len(left):,}, at most {fullest} left within a second (goal "
        f"{OWN_TOKEN_GOAL}); the stand-in, which counts when it comes to it, counted {_fullest(counted)}"
    )
    return int(fullest > OWN_TOKEN_GOAL) + (over > 0)


async def _one_that_dies(connection: Any) -> int:
    """Everything is this process's, and the database knows its tables, as a server that runs for long does."""
    made = "INSERT INTO processes (kind, seen_at) VALUES ('worker', extract(epoch FROM clock_timestamp())) RETURNING id"
    id_ = await connection.fetchval(made)
    await connection.execute("UPDATE generations SET process_id = $1", id_)
    await connection.execute("VACUUM ANALYZE")
    return id_


async def _be_seen(connection: Any, id_: int) -> None:
    while True:
        seen = "UPDATE processes SET seen_at = extract(epoch FROM clock_timestamp()) WHERE id = $1"
        await connection.execute(seen, id_)
        await asyncio.sleep(0.5)


async def _start(bots: Several, folder: Path, number: int) -> BotProcess:
    """The first one is connected to Discord."""
    noted = str(folder / f"noted-{number}")
    return await bots.start(worker=number > 0, program=[str(_NOTING)], within=120, NOTE_FILE=noted)


def _interval(largest: int) -> float:
    """Seconds between two polls of one video, at most."""
    return max(60.0, largest / POLLS_PER_SECOND)


def _fullest(times: Sequence[float]) -> int:
    """How many at most came within any one second."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def _note(counted: deque[float], request: web.Request, *_: object) -> None:
    if "Authorization" in request.headers:
        counted.append(time.monotonic())


async def _until(connection: Any, query: str, wanted: int, *given: int, within: float = 180.0) -> None:
    async with asyncio.timeout(within):
        while await connection.fetchval(query, *given) > wanted:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.5)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
