"""Ten thousand open videos in one bot, measured: `uv run python tests/bench/videos.py`.

The rows are put into the bot's database before its start; the API's stand-in, a process of its own, knows their tasks
and answers at once. A quiet minute is measured, then the bot is killed (SIGKILL) and started again, then a thousand of
the videos end in one minute. On SQLite and on PostgreSQL. Exit code 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.store.opening import open_database
from sandbox.stage import Stage
from tests import postgresql as postgres
from tests.bench.load import until_quiet
from tests.bench.video_api import VideoApi
from tests.bench.video_rounds import Burst, Found, Watch, burst, interval, kill_and_find, wait_for_first_polls, watch
from tests.bench.video_rows import make_scene, make_videos, put_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

CPU_GOAL: Final = 0.25
MEMORY_GOAL: Final = 300.0
LATE_GOAL: Final = 1.0
FOUND_GOAL: Final = 5.0
DATABASES: Final = ("sqlite", "postgresql")
_START_WITHIN: Final = 60.0
_SATURATED: Final = 0.9


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    missed = 0
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {options.count} open videos")
    with contextlib.ExitStack() as stack:
        needed = "postgresql" in options.database
        postgresql = postgres.url_of(stack.enter_context(postgres.server()), "postgres") if needed else None
        for name in options.database:
            missed += asyncio.run(bench(options, name, postgresql if name == "postgresql" else None))
    print(f"\n{missed} goals missed" if missed else "\nevery goal met")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests/bench/videos.py", description=__doc__)
    add = parser.add_argument
    add("--count", type=int, default=10_000, help="open videos (10,000)")
    add("--ending", type=int, default=1_000, help="how many of them end in the burst (1,000); 0: no burst")
    add("--burst", type=float, default=60.0, metavar="S", help="seconds over which they end (60)")
    add("--seconds", type=float, default=75.0, metavar="S", help="length of the quiet while that is measured (75)")
    add("--oldest", type=float, default=1200.0, metavar="S", help="age of the oldest video at the start (1,200)")
    add("--youngest", type=float, default=0.0, metavar="S", help="likewise (0); from 900 on no token lives any more")
    add("--clip", type=int, default=300_000, metavar="BYTES", help="size of a clip (300,000)")
    add("--poll", type=float, default=5.0, metavar="S", help="VIDEO_POLL_SECONDS of the bot (5, its default)")
    add("--no-kill", action="store_true", help="without the SIGKILL")
    add("--database", nargs="*", choices=DATABASES, default=DATABASES, help="which databases (both)")
    add("--patience", type=float, default=10.0, metavar="S", help="how long to wait for a quiet machine (10)")
    add("--log", type=Path, help="keep the bot's log here")
    return parser


async def bench(options: argparse.Namespace, name: str, postgresql_url: str | None) -> int:
    """Plays and prints everything on one database; how many goals were missed."""
    count, base = options.count, options.poll
    missed = 0
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onekey-bench-")))
        api = await stack.enter_async_context(VideoApi(count=count, clip_bytes=options.clip))
        scene = make_scene()
        videos = make_videos(scene, count=count, youngest=options.youngest, oldest=options.oldest)
        data_dir = folder / "data"
        data_dir.mkdir()
        url = postgresql_url or f"sqlite:///{data_dir / 'onekey.db'}"
        await put_rows(url, scene, videos)
        log = options.log or folder / "bot.log"
        stage = Stage(
            scene=scene,
            real_api=(api.base_url, api.key),
            data_dir=data_dir,
            environment={"DATABASE_URL": url} if postgresql_url else {},
            poll_seconds=base,
            log=log,
            start=False,
        )
        await stack.enter_async_context(stage)
        # Two calls in five seconds: a start that follows another so soon would wait for it, which no real one does.
        stage.discord.limits.groups["gateway"] = None
        busy = await until_quiet(options.patience)
        print(f"\n== {name}; the machine was {busy:.0%} of a core busy before; bot pid ", end="", flush=True)
        await stage.start(within=_START_WITHIN)
        print(stage.bot.pid, flush=True)
        polls = await wait_for_first_polls(api, count=count, within=3 * interval(0, count=count, base=base))
        missed += print_watch(
            await watch(stage, api, seconds=options.seconds), f"after a start (all polled once after {polls:.0f} s)"
        )
        database = await stack.enter_async_context(open_database(url))
        if not options.no_kill:
            missed += print_found(
                await kill_and_find(stage, api, database, videos, log=log, base=base), count=count, base=base
            )
            missed += print_watch(await watch(stage, api, seconds=options.seconds), "after a SIGKILL")
        if options.ending:
            found = await burst(stage, api, database, videos, ending=options.ending, seconds=options.burst, base=base)
            missed += print_burst(found, ending=options.ending, seconds=options.burst)
        began = time.monotonic()
        code = await stage.stop(within=30.0)
        print(f"  the bot ended in {time.monotonic() - began:.1f} s (exit code {code})", flush=True)
    return missed


def print_watch(found: Watch, when: str) -> int:
    print(f"\n  nothing ends, {found.load.seconds:.0f} s {when}")
    missed = _figure("CPU, of a core", found.load.mean["bot"], CPU_GOAL, "{:.1%}")
    missed += _figure("memory at its most, MiB", found.load.peak_rss, MEMORY_GOAL, "{:.0f}")
    _figure("CPU a poll, ms", found.load.cpu["bot"] / max(1, found.polls) * 1000, None, "{:.2f}")
    _figure("polls a second", found.polls_a_second, None, "{:.0f}")
    _figure("polls in the busiest second", found.most_in_a_second, None, "{:.0f}")
    if found.gaps:
        _figure("between two polls, s: median", statistics.median(found.gaps), None, "{:.1f}")
        _figure("between two polls, s: most", max(found.gaps), None, "{:.1f}")
    _shares(found.load.mean, found.load.peak)
    return missed


def print_found(found: Found, *, count: int, base: float) -> int:
    print("\n  SIGKILL and a new process (seconds after the SIGKILL)")
    missed = _figure("all rows taken over", found.taken, FOUND_GOAL, "{:.2f}")
    missed += _figure("the log says so", found.logged, FOUND_GOAL, "{:.2f}")
    missed += _figure("not polled within one interval", found.unpolled, 0, "{:.0f}")
    _figure("READY and commands", found.ready, None, "{:.2f}")
    _figure("first poll", found.first_poll, None, "{:.2f}")
    _figure("last of the first polls", found.all_polled, None, "{:.1f}")
    _figure("polls in the busiest second", found.most_in_a_second, None, "{:.0f}")
    _figure("one interval (without jitter)", interval(0, count=count, base=base), None, "{:.1f}")
    _figure("cards edited, though nothing ended", found.edits, None, "{:.0f}")
    missed += _figure("memory at its most, MiB", found.peak_rss, MEMORY_GOAL, "{:.0f}")
    return missed


def print_burst(found: Burst, *, ending: int, seconds: float) -> int:
    print(f"\n  {ending} end within {seconds:.0f} s")
    missed = 0
    if found.late:
        missed += _figure("detected late, of an interval: worst", max(found.late_share), LATE_GOAL, "{:.2f}")
        over = sum(share > LATE_GOAL for share in found.late_share)
        _figure("  more than one interval late", over, None, "{:.0f}")
        _figure("  median", statistics.median(found.late_share), None, "{:.2f}")
        _figure("detected late, s: worst", max(found.late), None, "{:.1f}")
    missed += _figure("left behind", found.left, 0, "{:.0f}")
    missed += _figure("twice, or not asked for", found.wrong, 0, "{:.0f}")
    missed += _figure("memory at its most, MiB", found.load.peak_rss, MEMORY_GOAL, "{:.0f}")
    _figure("memory afterwards, MiB", found.rss, None, "{:.0f}")
    missed += _figure("429s of Discord", found.rate_limited, 0, "{:.0f}")
    _figure("CPU, of a core", found.load.mean["bot"], None, "{:.1%}")
    _figure("CPU at its most (0.1 s)", found.load.peak["bot"], None, "{:.0%}")
    if found.delivery:
        ordered = sorted(found.delivery)
        _figure("fetch and upload, s: median", statistics.median(ordered), None, "{:.2f}")
        _figure("fetch and upload, s: 99 %", ordered[int(len(ordered) * 0.99)], None, "{:.2f}")
        _figure("fetch and upload, s: worst", ordered[-1], None, "{:.2f}")
        _figure("deliveries a second", len(ordered) / max(found.seconds, 0.001), None, "{:.1f}")
    _figure("edits a video", found.edits / ending, None, "{:.2f}")
    print(f"    rows: {', '.join(f'{state} {number}' for state, number in sorted(found.states.items()))}")
    _shares(found.load.mean, found.load.peak)
    return missed


def _figure(name: str, value: float, goal: float | None, form: str) -> int:
    missed = goal is not None and value > goal
    verdict = "" if goal is None else f"   goal {form.format(goal):>6}  {'MISSED' if missed else 'ok'}"
    print(f"    {name:<38}{form.format(value):>8}{verdict}", flush=True)
    return int(missed)


def _shares(mean: dict[str, float], peak: dict[str, float]) -> None:
    shares = ", ".join(f"{who} {mean[who]:.0%} (peak {peak[who]:.0%})" for who in ("bot", "discord", "api"))
    print(f"    of one core: {shares}; others {mean['others']:.0%}")
    for who in ("discord", "api"):
        if mean[who] > _SATURATED:
            print(f"    ! the {who} stand-in was saturated: part of the time above is its own")


if __name__ == "__main__":
    sys.exit(main())
