"""The log channel: who ordered what with which model, private ones too, and nobody waits for it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.cards import eventually, film, has_clip, has_pictures, labels, paint, said, server, someone, swift

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 10.0


@pytest.fixture
def channel(stage: Stage) -> Channel:
    """A channel in a server of its own."""
    swift(stage)
    return server(stage)


async def log_in(stage: Stage, channel: Channel, log: Channel) -> None:
    """A moderator sets the log channel for `channel`."""
    moderator = someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_CHANNELS))
    use = await moderator.command(channel, "config set", setting="log_channel", value=f"<#{log.id}>")
    assert f"<#{log.id}>" in (await use.message()).text


async def lines(stage: Stage, log: Channel, count: int) -> list[Message]:
    """The first `count` cards in the log channel."""
    async with asyncio.timeout(PATIENCE):
        while len(standing(log)) < count:
            await stage.world.wait_until(lambda change: change.kind == "created" and change.channel is log, PATIENCE)
    return standing(log)


def standing(channel: Channel) -> list[Message]:
    return [message for message in channel.messages.values() if not message.deleted and not message.ephemeral]


def a_log(stage: Stage, channel: Channel) -> Channel:
    return stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "bot-log")


async def test_every_command_with_a_link(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "@everyone join discord.gg/abc **now**\n" + "word " * 200)
    await use.until(has_pictures(1))
    (line,) = await lines(stage, log, 1)
    first, second = line.text.splitlines()
    assert first.startswith("\\@everyone join discord\\.gg/abc \\*\\*now\\*\\* word word")
    assert len(first) < 520
    assert first.endswith("…")
    link = f"https://discord.com/channels/{channel.guild_id}/{channel.id}/{card.id}"
    assert second == f"-# <@{carol.id}> · /imagine · wan2.7-image · <#{channel.id}> · [message]({link})"
    assert line.mentions == []

    video, _ = await film(carol, channel, "A video")
    await video.until(has_clip, PATIENCE)
    await lines(stage, log, 2)
    asked = await carol.command(channel, "ask", prompt="And a question?")
    await lines(stage, log, 3)
    again = await carol.press(card, label="Reroll")
    await again.until(has_pictures(1))
    commands = [said(message).splitlines()[-1].split(" · ")[1] for message in await lines(stage, log, 4)]
    assert commands == ["/imagine", "/video", "/ask", "/imagine again"]
    question = standing(log)[2]
    assert f"/{channel.id}/{asked.messages[0].id})" in question.text


async def test_a_private_answer_has_no_link(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    carol = someone(stage, at=channel)
    await carol.command(channel, "ask", prompt="A secret?", private=True)
    (line,) = await lines(stage, log, 1)
    assert line.text.splitlines()[0] == "A secret?"
    assert "private, so without a link" in line.text
    assert "https://" not in line.text


async def test_a_retry_is_noted_too(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    carol = someone(stage, at=channel)
    stage.api.next("images", fault="inspection_400")
    use, card = await paint(carol, channel, "Once more")
    await use.until(lambda each: "Retry" in labels(each))
    await carol.press(card, label="Retry")
    assert "/imagine again" in (await lines(stage, log, 2))[1].text


async def test_what_is_refused_is_not_noted(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    carol = someone(stage, at=channel)
    refused = await carol.command(channel, "ask", prompt="With no such model", model="nothing")
    await refused.message()
    await carol.command(channel, "ask", prompt="With one")
    assert [line.text.splitlines()[0] for line in await lines(stage, log, 1)] == ["With one"]


async def test_a_channel_that_can_t_be_used_is_told_once_and_stops_nobody(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    stage.world.delete_channel(log)
    carol = someone(stage, at=channel)
    for number in range(3):
        use, _ = await paint(carol, channel, f"Unnoted {number}")
        await use.until(has_pictures(1))
    told = f"log channel {log.id} can't be used"
    await eventually(lambda: told in stage.bot.log.read_text())
    assert stage.bot.log.read_text().count(told) == 1
    assert "Traceback" not in stage.bot.log_end(100)


async def test_without_the_permission(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    stage.world.overwrite(log, stage.world.application.bot, deny=Permission.SEND_MESSAGES)
    carol = someone(stage, at=channel)
    use, _ = await paint(carol, channel, "Not to be written")
    await use.until(has_pictures(1))
    await eventually(lambda: f"log channel {log.id} can't be used" in stage.bot.log.read_text())
    assert standing(log) == []


async def test_a_channel_of_another_server_gets_nothing(new_stage: NewStage) -> None:
    stage = await new_stage()
    swift(stage)
    channel, elsewhere = server(stage), server(stage)
    own = a_log(stage, channel)
    await log_in(stage, channel, own)
    # As if it had been set by other means than the command, which may refuse it.
    await stage.stop()
    with closing(sqlite3.connect(stage.data_dir / "onekey.db")) as connection, connection:
        connection.execute("UPDATE settings SET value = ? WHERE key = 'log_channel'", (str(elsewhere.id),))
    await stage.start()
    carol = someone(stage, at=channel)
    use, _ = await paint(carol, channel, "Stays here")
    await use.until(has_pictures(1))
    await eventually(lambda: f"log channel {elsewhere.id} can't be used" in stage.bot.log.read_text())
    assert standing(elsewhere) == []


async def test_a_slow_log_channel_keeps_no_order_waiting(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    held = stage.discord.faults.hold(f"POST /channels/{log.id}/messages")
    carol = someone(stage, at=channel)
    for number in range(3):
        use, _ = await paint(carol, channel, f"Not kept waiting {number}")
        await use.until(has_pictures(1))
    assert standing(log) == []
    held.release()
    noted = [line.text.splitlines()[0] for line in await lines(stage, log, 3)]
    assert noted == [f"Not kept waiting {number}" for number in range(3)]


async def test_the_nearest_place_s_log_channel_holds(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    quiet = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "quiet")
    admin = someone(stage, "admin", at=channel, permissions=int(Permission.MANAGE_CHANNELS | Permission.MANAGE_GUILD))
    for where, value, scope in ((channel, f"<#{log.id}>", "server"), (quiet, "none", "channel")):
        use = await admin.command(where, "config set", setting="log_channel", value=value, scope=scope)
        await use.message()
    for where in (quiet, channel):
        asked = await admin.command(where, "ask", prompt=f"Asked in {where.name}")
        await asked.message()
    (line,) = await lines(stage, log, 1)
    assert line.text.startswith(f"Asked in {channel.name}\n")


async def test_a_thread_as_the_log_channel(stage: Stage, channel: Channel) -> None:
    log = stage.world.thread(channel, "bot-log", owner=someone(stage, at=channel).user)
    await log_in(stage, channel, log)
    use, _ = await paint(someone(stage, at=channel), channel, "Noted in a thread")
    await use.until(has_pictures(1))
    (line,) = await lines(stage, log, 1)
    assert line.text.startswith("Noted in a thread\n")
