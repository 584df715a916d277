"""How much more several workers make: `uv run python -m tests.bench.workers [--each 200] [--workers 1 2 4]`.

Images that were ordered, `--each` for each worker, put in the queue at once. A worker has 64 of them at the service at
a time, which takes `--seconds` for one; so what one worker makes is bounded by that, and what several make by the
machine that they, PostgreSQL and both stand-ins share. Printed: images a second, from the tenth that is delivered to
the last tenth; how they were shared out; and who used how much of a core.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import psutil

from bot.store import carrier
from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage
from tests import postgresql
from tests.bench.load import Load
from tests.bench.video_rows import make_scene, make_videos, put_rows
from tests.e2e.several import Several

AT_ONCE: Final = 64
"""`bot.process.POSTS_IN_FLIGHT`."""
IMAGE: Final[dict[str, Any]] = {
    "kind": "image",
    "state": "queued",
    "epoch": 0,
    "task_id": None,
    "submitted_at": None,
    "shown_state": "queued",
    "model": "wan2.7-image",
    "parameters": {},
}
_WITHIN: Final = 600.0


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=12.0)
    asked = parser.parse_args()
    print(f"the machine's load {os.getloadavg()[0]:.1f} over {os.cpu_count()} cores", end="; ")
    print(f"a worker's own bound is {AT_ONCE / asked.seconds:.1f} images a second")
    alone = 0.0
    for workers in asked.workers:
        async with AsyncExitStack() as stack:
            rate = await measure(stack, workers, workers * asked.each, asked.seconds)
        alone = alone or rate / workers
        print(f"  {rate / alone:.2f} times as much as one; the machine's load {os.getloadavg()[0]:.1f}")


async def measure(stack: AsyncExitStack, workers: int, count: int, seconds: float) -> float:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
    url = postgresql.url_of(stack.enter_context(postgresql.server()), "postgres")
    scene = make_scene()
    images = make_videos(scene, count=count, youngest=0.0, oldest=1.0)
    await put_rows(url, scene, images, **IMAGE)
    stage = Stage(
        scene=scene,
        behaviour=Behaviour(images=Plan(delay=seconds)),
        data_dir=folder / "data",
        environment={"DATABASE_URL": url, "SHARD_COUNT": "1"},
        start=False,
    )
    await stack.enter_async_context(stage)
    bots = Several(stage, folder, stack)
    for _ in range(workers):
        await bots.start(worker=True)
    connection = await postgresql.connect(url)
    ids = [row[0] for row in await connection.fetch("SELECT id FROM generations ORDER BY id")]
    pids = {f"worker {number}": pid for number, pid in enumerate(bots.pids)}
    delivered: list[float] = []
    before = _database_seconds(url)
    async with Load({**pids, "stand-ins": os.getpid()}, measured="worker 0") as load:
        async with connection.transaction():
            await carrier.put(connection, ids)
        over = time.monotonic() + _WITHIN
        while len(delivered) < count and time.monotonic() < over:
            await asyncio.sleep(0.5)
            done = await connection.fetchval("SELECT count(*) FROM generations WHERE state = 'delivered'")
            delivered += [time.monotonic()] * (done - len(delivered))
    database_share = (_database_seconds(url) - before) / load.seconds
    rows = await connection.fetch("SELECT count(*) FROM generations GROUP BY process_id ORDER BY 1")
    states = await connection.fetch("SELECT state, count(*) FROM generations GROUP BY state")
    await connection.close()
    tenth = len(delivered) // 10
    rate = (len(delivered) - 2 * tenth) / (delivered[-tenth - 1] - delivered[tenth])
    shares = {name: round(share, 2) for name, share in load.mean.items()}
    print(f"{workers} workers: {rate:.1f} images a second, all {dict(states)} in {load.seconds:.0f} s", end="; ")
    print(f"shared {[row[0] for row in rows]}; of a core: {shares}, PostgreSQL {database_share:.2f}")
    return rate


def _database_seconds(url: str) -> float:
    """What the server has worked, and those that it made for connections."""
    folder = Path(url.rpartition("=")[2])
    server = psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))
    seconds = sum(server.cpu_times()[:4])  # its own, and that of those which are over
    for connection in server.children():
        with contextlib.suppress(psutil.Error):
            seconds += sum(connection.cpu_times()[:2])
    return seconds


if __name__ == "__main__":
    asyncio.run(main())
