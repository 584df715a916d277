"""The machine's own faults while videos run: a database that another program holds, and a disk without room.

A full disk is played in two ways that work for root too: `RLIMIT_FSIZE` lets the kernel refuse every write of the bot
to a file (the log included), as a full disk does to database and results at once; a file where the results' folder
should be refuses the results alone.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

import pytest
import pytest_asyncio

from sandbox.discord.models import walk
from tests.e2e.cards import (
    LINK,
    RUNNING,
    eventually,
    film,
    has_clip,
    has_pictures,
    labels,
    paint,
    private_answer,
    said,
    says,
    server,
    someone,
    sql,
    task_of,
)
from tests.words import piece

if TYPE_CHECKING:
    from collections.abc import Generator

    from sandbox.discord.invocation import Invocation
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are Linux's"),
]

VIDEO_SECONDS = 600  # until a test says otherwise

STORE = "The bot can't write to its database right now. Nothing was sent. Try again in a minute."
Lives: TypeAlias = "dict[str, tuple[Person, Invocation, Message]]"
LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""


@pytest_asyncio.fixture(loop_scope="module")
async def stage(new_stage: NewStage) -> Stage:
    made = await new_stage(environment={"DAILY_LIMIT_PER_USER": "ask=99,imagine=99,video=99"})
    made.discord.limits.groups["webhook.patch"] = None
    return made


@contextmanager
def locked(stage: Stage) -> Generator[None]:
    """Another program in the middle of a write to the bot's database."""
    command = [sys.executable, "-c", LOCKER, str(stage.data_dir / "onekey.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield
        finally:
            process.communicate("\n")


@contextmanager
def full_disk(stage: Stage) -> Generator[None]:
    """No file of the bot's can be written to."""
    assert stage.bot.pid is not None
    before = resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(stage.bot.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def no_room_for_results(stage: Stage) -> Generator[None]:
    """A file stands where the results' folder should be."""
    folder = stage.data_dir / "results"
    if folder.exists():
        folder.rmdir()
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()


def orders(stage: Stage, prompt: str) -> int:
    """How many rows there are of a prompt."""
    return sql(stage, "SELECT count(*) FROM generations WHERE prompt = ?", prompt)[0][0]


def calls(stage: Stage, prompt: str) -> int:
    return sum(request.prompt == prompt for request in stage.api.requests.of("images"))


async def begun(stage: Stage) -> Lives:
    """Videos that run, one whose request is on its way, and pictures that are being made, each of its own person."""
    channel = server(stage)
    lives: Lives = {}
    for prompt, kind in (
        ("Running", film),
        ("To be cancelled", film),
        ("Sent [delay:1.5]", film),
        ("Picture [delay:1.5]", paint),
        ("Inside [shape:b64_json] [delay:1.5]", paint),
    ):
        who = someone(stage, at=channel)
        use, card = await kind(who, channel, prompt)
        lives[prompt] = (who, use, card)
        if "delay" not in prompt:
            await use.until(says(RUNNING))
    await stage.api.requests.until(lambda: sum("delay" in request.prompt for request in stage.api.requests) == 3)
    return lives


async def told_in_time(stage: Stage, lives: Lives) -> None:
    """Who orders or presses now is told within Discord's three seconds that nothing was sent."""
    dora, _, card = lives["To be cancelled"]
    carol, ming = someone(stage, at=card.channel), someone(stage, "小明", at=card.channel, locale="zh-CN")
    channel = card.channel
    began = time.monotonic()
    uses = [
        await carol.command(channel, "video", prompt="Ordered meanwhile", shape="320x180"),
        await carol.command(channel, "imagine", prompt="Ordered meanwhile"),
        await dora.press(card, label="Cancel"),
    ]
    chinese = await ming.command(channel, "video", prompt="此时下单", shape="320x180")
    answers = [private_answer(use) for use in uses]
    assert await asyncio.gather(*answers) == [STORE] * len(uses)
    assert await private_answer(chinese) == "机器人暂时无法写入数据库，没有提交任何内容，请一分钟后再试。"
    assert time.monotonic() - began < 3
    assert not any(use.failed for use in (*uses, chinese))


async def all_is_well(stage: Stage, lives: Lives) -> None:
    """Everything that was on its way arrives in its own message, asked for once."""
    _, running, card = lives["Running"]
    assert await running.until(has_clip) is card
    _, sent, card = lives["Sent [delay:1.5]"]
    await sent.until(says(RUNNING))
    task_of(stage, "Sent [delay:1.5]").finish()
    assert await sent.until(has_clip) is card
    for prompt in ("Picture [delay:1.5]", "Inside [shape:b64_json] [delay:1.5]"):
        _, use, card = lives[prompt]
        assert await use.until(has_pictures(1)) is card
        assert calls(stage, prompt) == 1
    assert stage.api.submits["Running"] == stage.api.submits["Sent [delay:1.5]"] == 1
    channel = card.channel
    standing = [message for message in channel.messages.values() if not (message.deleted or message.ephemeral)]
    assert standing == [card for _, _, card in lives.values()]
    # What was refused left nothing behind; what was not cancelled still can be.
    assert orders(stage, "Ordered meanwhile") == orders(stage, "此时下单") == 0
    dora, other, card = lives["To be cancelled"]
    assert said(card).endswith(RUNNING)
    await dora.press(card, label="Cancel")
    await other.until(says("Cancelled by"))
    # And new ones are taken.
    late, _ = await film(someone(stage, at=channel), channel, "Afterwards [run:0.1]")
    await late.until(has_clip, 45)
    await eventually(lambda: not list((stage.data_dir / "results").iterdir()), within=10)


async def test_a_database_that_another_program_holds_for_seconds(stage: Stage) -> None:
    lives = await begun(stage)
    channel = lives["Running"][2].channel
    with locked(stage):
        task_of(stage, "Running").finish()
        await told_in_time(stage, lives)
        assert await private_answer(await lives["Running"][0].command(channel, "jobs")) == STORE
        # What was asked for before has its answer by now, and nowhere to write it to.
        await stage.api.requests.until(lambda: all(r.ended_at for r in stage.api.requests if "delay" in r.prompt))
        assert not has_clip(lives["Running"][2])
    await all_is_well(stage, lives)


async def test_a_disk_without_room_for_anything(stage: Stage) -> None:
    lives = await begun(stage)
    channel = lives["Running"][2].channel
    with full_disk(stage):
        task_of(stage, "Running").finish()
        await told_in_time(stage, lives)
        # What needs no write goes on.
        listed = await private_answer(await lives["Running"][0].command(channel, "jobs"))
        assert "**Running**\n-# Video · in progress · <t:…:R>" in listed
        await stage.api.requests.until(lambda: all(r.ended_at for r in stage.api.requests if "delay" in r.prompt))
        assert not has_clip(lives["Running"][2])
    await all_is_well(stage, lives)


async def test_a_disk_without_room_for_results(stage: Stage) -> None:
    """A clip is linked; pictures that exist nowhere else are kept until there is room, and shown."""
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    with no_room_for_results(stage):
        clip, _ = await film(carol, channel, "A clip [run:0.1]")
        pictures, _ = await paint(carol, channel, "Linked pictures", count=2)
        inside, card = await paint(dave, channel, "Inside the answer [shape:b64_json]")
        done = await clip.until(lambda message: labels(message) == ["Fetch again"], 25)
        assert said(done).splitlines()[-1] == LINK
        assert not done.attachments
        done = await pictures.until(lambda message: labels(message) == ["Fetch again"])
        assert said(done).count(f"**[{piece('image.open')} ") == 2
        assert said(card).endswith(RUNNING)
    await inside.until(has_pictures(1))
    assert calls(stage, "Inside the answer [shape:b64_json]") == calls(stage, "Linked pictures") == 1

    # With room again, what was only linked can be had as a file.
    listed = await (await carol.command(channel, "jobs")).message()
    sections = [part for part in walk(tuple(listed.components)) if part["type"] == 9]
    assert labels(listed) == ["Fetch again"] * len(sections)
    await carol.press(listed, custom_id=str(sections[-1]["accessory"]["custom_id"]))
    assert said(await clip.until(has_clip)).startswith("### A clip ")
    assert stage.api.submits["A clip [run:0.1]"] == 1
