"""Several processes with one token: each serves its servers, and one that dies is stood in for."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.cards import has_clip, has_pictures, paint, running, someone, swift
from tests.e2e.several import held, several, until

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHARDS = 2
LEASE_LOST: Final = 3
"""The exit code of a process whose work others have."""
RUNS: Final = re.compile("a generation goes on.*state=running")
TAKEN_OVER_WITHIN = 25.0
"""Fifteen seconds until a process is known to be dead, and five a shard."""


async def test_two_serve_their_servers_and_one_that_dies_is_stood_in_for(
    new_stage: NewStage, postgresql_url: str, tmp_path: Path
):
    async with several(new_stage, postgresql_url, tmp_path, shards=SHARDS) as bots:
        stage = bots.stage
        first, second = await bots.start(), await bots.start()
        await until(lambda: len(held(first)) == len(held(second)) == 1, within=60)
        assert held(first) | held(second) == {0, 1}
        for shard in range(SHARDS):
            channel = bots.channel_of(shard, SHARDS)
            use, _ = await paint(someone(stage, at=channel), channel, "a heron")
            await use.until(has_pictures(1), 10)
        swift(stage, run=20)
        (orphan,) = held(second)
        channel = bots.channel_of(orphan, SHARDS)
        _, use, _ = await running(stage, "a clip of rain", channel=channel)
        await second.kill()
        assert await until(lambda: held(first) == {0, 1}, within=60) < TAKEN_OVER_WITHIN
        await use.until(has_clip, 40)
        assert stage.api.submits["a clip of rain"] == 1
        use, _ = await paint(someone(stage, at=channel), channel, "a heron again")
        await use.until(has_pictures(1), 10)


async def test_a_worker_makes_what_is_ordered_and_one_that_slept_changes_nothing(
    new_stage: NewStage, postgresql_url: str, tmp_path: Path
):
    async with several(new_stage, postgresql_url, tmp_path, shards=1) as bots:
        stage = bots.stage
        bot = await bots.start()
        await until(lambda: held(bot) == {0}, within=60)
        worker = await bots.start(worker=True)
        swift(stage, run=40)
        clips: list[tuple[str, Invocation]] = []
        # Either of the two takes a clip: some are the worker's.
        while not RUNS.search(worker.log_end(100_000)):
            assert len(clips) < 12
            prompt = f"clip {len(clips)}"
            _, use, _ = await running(stage, prompt, channel=bots.channel_of(0, 1))
            clips.append((prompt, use))
        worker.signal(signal.SIGSTOP)
        await until(lambda: "going on with" in bot.log_end(2000), within=60)
        before = len(worker.log_end(100_000))
        worker.signal(signal.SIGCONT)
        async with asyncio.timeout(30):
            assert await worker.ended() == LEASE_LOST
        assert "a generation goes on" not in worker.log_end(100_000)[before:]
        for prompt, use in clips:
            await use.until(has_clip, 60)
            assert stage.api.submits[prompt] == 1


async def test_a_rolling_restart_loses_and_doubles_no_command(new_stage: NewStage, postgresql_url: str, tmp_path: Path):
    async with several(new_stage, postgresql_url, tmp_path, shards=2) as bots:
        stage = bots.stage
        stage.world.rules.acknowledge_within = 20.0  # a busy machine starts a process beside those that answer
        old = await bots.start()
        await until(lambda: held(old) == {0, 1}, within=60)
        over = asyncio.Event()
        uses: list[Invocation] = []

        async def go_on_ordering(channel: Channel) -> None:
            who = someone(stage, at=channel)
            while not over.is_set():
                uses.append((await paint(who, channel, f"heron {time.monotonic()}"))[0])
                await asyncio.sleep(0.1)

        ordering = [asyncio.create_task(go_on_ordering(bots.channel_of(shard, 2))) for shard in (0, 1)]
        new = await bots.start()
        await until(lambda: bool(held(new)), within=60)
        assert await old.stop(within=60) == 0
        assert held(new) == {0, 1}
        over.set()
        await asyncio.gather(*ordering)
        for use in uses:
            await use.until(has_pictures(1), 20)
        asked = Counter(request.json["prompt"] for request in stage.api.requests.of("images"))
        assert set(asked.values()) == {1}
        assert len(asked) == len(uses)
