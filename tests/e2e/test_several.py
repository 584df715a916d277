"""Several processes with one token: each serves its servers, and one that dies is stood in for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.cards import has_clip, has_pictures, paint, running, someone, swift
from tests.e2e.several import held, several, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHARDS = 2
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
