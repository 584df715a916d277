"""Several processes with one token: each serves its servers, and one that dies is stood in for."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.discord.permissions import Permission
from tests import postgresql
from tests.e2e.asking import first_text
from tests.e2e.cards import has_clip, has_pictures, paint, running, says, someone, swift
from tests.e2e.configuring import config, told
from tests.e2e.crediting import asked as asked_price
from tests.e2e.crediting import gone
from tests.e2e.several import held, several, until
from tests.e2e.talking import answer_of, answers_to, mention

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Channel, Message
    from sandbox.discord.people import Person
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHARDS = 2
LEASE_LOST: Final = 3
"""The exit code of a process whose work others have."""
RUNS: Final = re.compile("a generation goes on.*state=running")
FENCE: Final = "UPDATE processes SET seen_at = 0 WHERE seen_at > 0"
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
        dora = someone(stage, "dora", at=channel, permissions=int(Permission.ADMINISTRATOR))
        await config(dora, channel, "set", setting="mentions", value="on", scope="server")
        for asked in (await mention(stage, dora, channel, "Before"), await dora.say(dora.dm(), "Before")):
            await answer_of(stage, asked)
        _, use, _ = await running(stage, "a clip of rain", channel=channel)
        await second.kill()
        meanwhile = [await mention(stage, dora, channel, "Meanwhile"), await dora.say(dora.dm(), "Meanwhile")]
        assert await until(lambda: held(first) == {0, 1}, within=60) < TAKEN_OVER_WITHIN
        await use.until(has_clip, 40)
        assert stage.api.submits["a clip of rain"] == 1
        for asked in meanwhile:
            await answer_of(stage, asked, within=20)
            assert len(answers_to(asked)) == 1
        use, _ = await paint(someone(stage, at=channel), channel, "a heron again")
        await use.until(has_pictures(1), 10)


async def test_connections_of_several_are_lost_and_closed(new_stage: NewStage, postgresql_url: str, tmp_path: Path):
    """What comes once more at a resume is done once, wherever it comes to; a close code for good ends all."""
    async with several(new_stage, postgresql_url, tmp_path, shards=SHARDS) as bots:
        stage, gateway = bots.stage, bots.stage.discord.gateway
        both = [await bots.start(), await bots.start()]
        await until(lambda: all(len(held(bot)) == 1 for bot in both), within=60)
        channels = [bots.channel_of(shard, SHARDS) for shard in range(SHARDS)]
        dora = [someone(stage, "dora", at=channel, permissions=int(Permission.ADMINISTRATOR)) for channel in channels]
        for who, channel in zip(dora, channels, strict=True):
            await config(who, channel, "set", setting="mentions", value="on", scope="server")
        gateway.overlap = 100

        def begun() -> int:
            return gateway.identifies + sum(session.resumed for session in gateway.sessions.values())

        asked: list[Message] = []
        for lose in (gateway.drop, gateway.reconnect):
            asked += [await mention(stage, who, there, "Before") for who, there in zip(dora, channels, strict=True)]
            for message in asked[-SHARDS:]:
                await answer_of(stage, message)
            before = begun()
            lose()
            await until(lambda: begun() == before + SHARDS)  # noqa: B023 - it is waited for at once
        identified = gateway.identifies
        gateway.invalidate()
        await until(lambda: gateway.identifies == identified + SHARDS)
        asked += [await mention(stage, who, there, "After") for who, there in zip(dora, channels, strict=True)]
        for message in asked:
            await answer_of(stage, message)
            assert len(answers_to(message)) == 1
        await gateway.close(4013)
        async with asyncio.timeout(20):
            assert [await bot.ended() for bot in both] == [2, 2]
        assert all("(4013)" in bot.log_end(1) for bot in both)


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
        afterwards = worker.log_end(100_000)[before:]
        assert "a generation goes on" not in afterwards
        assert "Traceback" not in afterwards
        assert afterwards.count("others have its work") == 1
        for prompt, use in clips:
            await use.until(has_clip, 60)
            assert stage.api.submits[prompt] == 1


async def test_a_rolling_restart_loses_and_doubles_no_command(new_stage: NewStage, postgresql_url: str, tmp_path: Path):
    async with several(new_stage, postgresql_url, tmp_path, shards=SHARDS) as bots:
        stage = bots.stage
        old = await bots.start()
        await until(lambda: held(old) == {0, 1}, within=60)
        over = asyncio.Event()
        uses: list[Invocation] = []

        async def go_on_ordering(channel: Channel) -> None:
            who = someone(stage, at=channel)
            while not over.is_set():
                uses.append((await paint(who, channel, f"heron {time.monotonic()}"))[0])
                await asyncio.sleep(0.1)

        new = await bots.start()
        # Until it has its turn to identify nothing is handed over, and that takes as long as all of the rest.
        await until(lambda: stage.discord.gateway.identifies > SHARDS, within=60)
        ordering = [asyncio.create_task(go_on_ordering(bots.channel_of(shard, SHARDS))) for shard in range(SHARDS)]
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


async def test_what_was_begun_in_another_process_is_stopped_and_confirmed(
    new_stage: NewStage, postgresql_url: str, tmp_path: Path
):
    async with several(new_stage, postgresql_url, tmp_path, shards=2) as bots:
        stage = bots.stage
        old = await bots.start()
        await until(lambda: held(old) == {0, 1} and "synced" in old.log_end(1000), within=60)
        channels = [bots.channel_of(shard, 2) for shard in (0, 1)]
        begun: list[tuple[Person, Invocation, Message, Message]] = []
        for channel in channels:
            who = someone(stage, at=channel)
            use = await who.command(channel, "ask", prompt="Long [rate:20] [words:2000]")
            answer = await first_text(use)
            await told(stage.person("alice"), channel, "set", setting="prices", value="imagine=10")
            await told(stage.person("alice"), channel, "set", setting="confirm_above", value="5")
            question = await asked_price(await who.command(channel, "imagine", prompt="A heron", shape="128x96"))
            begun.append((who, use, answer, question))
        new = await bots.start()
        await until(lambda: bool(held(new)), within=60)
        (moved,) = held(new)
        who, use, answer, question = begun[moved]
        await who.press(answer, label="Stop")
        await use.until(says("Stopped by"), 10)
        press = await who.press(question)
        await press.until(has_pictures(1), 10)
        await gone(question)


async def test_a_start_that_was_too_slow_is_made_anew(new_stage: NewStage, postgresql_url: str, tmp_path: Path):
    async with several(new_stage, postgresql_url, tmp_path, shards=1) as bots:
        connection = await postgresql.connect(postgresql_url)

        async def take_its_place() -> None:
            """As another process does with one that it takes for dead."""
            while not (await connection.execute(FENCE)).endswith(" 1"):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.005)

        first = await bots.start()
        await until(lambda: held(first) == {0}, within=60)
        await first.kill()
        await connection.execute("DELETE FROM processes")
        fencing = asyncio.create_task(take_its_place())
        bot = await bots.start()
        await until(lambda: held(bot) == {0}, within=60)
        await fencing
        assert bot.log_end(20_000).count("it starts anew") == 1
        assert "Traceback" not in bot.log_end(20_000)
        await connection.close()
