"""The log channel: who ordered what with which model, private ones too, and nobody waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.cards import (
    change,
    eventually,
    film,
    has_clip,
    has_pictures,
    labels,
    paint,
    posted_in,
    said,
    server,
    someone,
)
from tests.e2e.setting_up import set_up
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Message, Role, User
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE = 10.0
HIDDEN = f"{en('log.hidden')}\n"


@pytest.fixture
def channel(stage: Stage) -> Channel:
    """A channel in a server of its own."""
    return server(stage)


async def log_in(
    stage: Stage, channel: Channel, log: Channel, *, permissions: Permission = Permission.MANAGE_CHANNELS
) -> None:
    """A moderator sets the log channel for `channel`."""
    moderator = someone(stage, "mod", at=channel, permissions=int(permissions))
    use = await moderator.command(channel, "config set", setting="log_channel", value=f"<#{log.id}>")
    answer = await use.message()
    if answer.buttons():  # others read it, and that is meant
        answer = await (await moderator.press(answer)).until(lambda each: not each.buttons())
    assert f"is now <#{log.id}>" in answer.text


async def lines(stage: Stage, log: Channel, count: int) -> list[Message]:
    """The first `count` cards in the log channel."""
    async with asyncio.timeout(PATIENCE):
        while len(posted_in(log)) < count:
            await stage.world.wait_until(lambda change: change.kind == "created" and change.channel is log, PATIENCE)
    return posted_in(log)


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
    question = posted_in(log)[2]
    assert f"/{channel.id}/{asked.messages[0].id})" in question.text


async def test_a_retry_is_noted_too(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    carol = someone(stage, at=channel)
    stage.api.next("images", fault="500")
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


def refused(stage: Stage, channel: Channel) -> int:
    """How often the owner's log says that it can't be used."""
    lines = stage.bot.log.read_text().splitlines()
    return sum("a channel of moderators can't be used" in line and f"channel={channel.id}" in line for line in lines)


async def test_without_the_permission(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    await log_in(stage, channel, log)
    stage.world.overwrite(log, stage.world.application.bot, deny=Permission.SEND_MESSAGES)
    carol = someone(stage, at=channel)
    use, _ = await paint(carol, channel, "Not to be written")
    await use.until(has_pictures(1))
    await eventually(lambda: refused(stage, log) == 1)
    assert posted_in(log) == []


async def test_a_channel_of_another_server_gets_nothing(new_stage: NewStage) -> None:
    stage = await new_stage()
    channel, elsewhere = server(stage), server(stage)
    own = a_log(stage, channel)
    await log_in(stage, channel, own)
    # As if it had been set by other means than the command, which may refuse it.
    await stage.stop()
    change(stage, "UPDATE settings SET value = ? WHERE key = 'log_channel'", str(elsewhere.id))
    await stage.start()
    carol = someone(stage, at=channel)
    use, _ = await paint(carol, channel, "Stays here")
    await use.until(has_pictures(1))
    await eventually(lambda: refused(stage, elsewhere) == 1)
    assert posted_in(elsewhere) == []


async def test_the_nearest_place_s_log_channel_holds(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    quiet = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "quiet")
    admin = someone(stage, "admin", at=channel, permissions=int(Permission.MANAGE_CHANNELS | Permission.MANAGE_GUILD))
    for where, value, scope in ((channel, f"<#{log.id}>", "server"), (quiet, "none", "channel")):
        use = await admin.command(where, "config set", setting="log_channel", value=value, scope=scope)
        if (answer := await use.message()).buttons():
            await (await admin.press(answer)).until(lambda each: not each.buttons())
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


async def closed_log(stage: Stage, channel: Channel, *readers: Role | User) -> Channel:
    """A channel for the log that the bot, moderators of the server and `readers` alone see."""
    log = a_log(stage, channel)
    guild = stage.world.guilds[channel.guild_id or 0]
    for reader in (stage.world.application.bot, *readers):
        stage.world.overwrite(log, reader, allow=Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES)
    stage.world.overwrite(log, guild.roles[guild.id], deny=Permission.VIEW_CHANNEL)
    return log


@pytest.mark.parametrize(
    ("locale", "asked", "button"),
    [
        ("en-US", "Everyone in this server can read", "Use it anyway"),
        ("zh-CN", f"{zh('config.everyone_here')}可以查看", "仍要使用"),
    ],
)
async def test_a_log_channel_that_others_read_is_asked_about_and_told_no_private_words(
    stage: Stage, channel: Channel, locale: str, asked: str, button: str
) -> None:
    log = a_log(stage, channel)
    moderator = someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_CHANNELS), locale=locale)
    use = await moderator.command(channel, "config set", setting="log_channel", value=f"<#{log.id}>")
    question = await use.message()
    assert asked in question.text
    carol = someone(stage, at=channel)
    early, _ = await paint(carol, channel, "Before it is confirmed")
    await early.until(has_pictures(1))
    pressed = await moderator.press(question, label=button)
    assert f"<#{log.id}>" in (await pressed.until(lambda each: not each.buttons())).text
    await carol.command(channel, "ask", prompt="A secret?", private=True)
    await carol.command(channel, "ask", prompt="In public?")
    # Both were asked at once: either may be told first.
    public, secret = sorted(await lines(stage, log, 2), key=lambda line: line.text.startswith(HIDDEN))
    assert secret.text.startswith(HIDDEN)
    assert "secret" not in secret.text
    assert f"<@{carol.id}> · /ask" in secret.text
    assert public.text.startswith("In public?\n")


async def test_in_the_panel_too(stage: Stage, channel: Channel) -> None:
    log = a_log(stage, channel)
    moderator = someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_CHANNELS))
    panel = await set_up(moderator, channel)
    await panel.press(en("topic.record"))
    said = await panel.fill(en("config.write"), log_channel=[log])
    assert en("config.everyone_here") in said
    assert piece("setup.applied", count=1) in await panel.press(en("button.apply", count=1))


async def test_moderators_read_all_until_others_are_let_in(stage: Stage, channel: Channel) -> None:
    guild = stage.world.guilds[channel.guild_id or 0]
    staff = stage.world.role(guild, "Staff", permissions=int(Permission.MANAGE_MESSAGES))
    log = await closed_log(stage, channel, staff)
    await log_in(stage, channel, log, permissions=Permission.ADMINISTRATOR)
    carol = someone(stage, at=channel)
    await carol.command(channel, "ask", prompt="A secret?", private=True)
    (first,) = await lines(stage, log, 1)
    assert first.text.startswith("A secret?\n")
    guests = stage.world.role(guild, "Guests")
    stage.world.overwrite(log, guests, allow=Permission.VIEW_CHANNEL)
    await carol.command(channel, "ask", prompt="Another secret?", private=True)
    assert (await lines(stage, log, 2))[1].text.startswith(HIDDEN)
    stage.world.overwrite(log, guests)
    # A person by themselves who is no moderator.
    stage.world.overwrite(log, carol.user, allow=Permission.VIEW_CHANNEL)
    await carol.command(channel, "ask", prompt="A third secret?", private=True)
    assert (await lines(stage, log, 3))[2].text.startswith(HIDDEN)


async def test_what_was_asked_where_not_all_readers_go_is_noted_without_its_words(
    stage: Stage, channel: Channel
) -> None:
    guild = stage.world.guilds[channel.guild_id or 0]
    log = a_log(stage, channel)
    secret = stage.world.text_channel(guild, "secret")
    carol = someone(stage, at=channel)
    for target in (stage.world.application.bot, carol.user):
        stage.world.overwrite(secret, target, allow=Permission.VIEW_CHANNEL)
    stage.world.overwrite(secret, guild.roles[guild.id], deny=Permission.VIEW_CHANNEL)
    admin = someone(stage, "admin", at=channel, permissions=int(Permission.MANAGE_CHANNELS | Permission.MANAGE_GUILD))
    question = await (
        await admin.command(channel, "config set", setting="log_channel", value=f"<#{log.id}>", scope="server")
    ).message()
    await (await admin.press(question)).until(lambda each: not each.buttons())
    await carol.command(secret, "ask", prompt="Among us")
    (line,) = await lines(stage, log, 1)
    assert line.text.startswith(HIDDEN)
