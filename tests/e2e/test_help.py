"""/help: what a member, a moderator and somebody in direct messages may do, with commands that can be clicked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import was_whole
from tests.e2e.cards import server, someone
from tests.e2e.configuring import config
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")
BOT_ENVIRONMENT = {"DAILY_LIMIT_PER_USER": "ask=3,imagine=unlimited,video=2"}
MODERATOR = Permission.MANAGE_CHANNELS | Permission.MANAGE_GUILD


async def helped(who: Person, at: Channel) -> str:
    use = await who.command(at, "help")
    message = await use.message()
    assert message.visible_to == who.id
    return message.text


def mention(stage: Stage, name: str) -> str:
    """The command as a client makes it a link."""
    ids = {str(each["name"]): each["id"] for each in stage.world.application.commands.values()}
    return f"</{name}:{ids[name.split(maxsplit=1)[0]]}>"


def clicked(said: str) -> list[str]:
    return re.findall(r"</([a-z ]+):\d+>", said)


async def test_a_member_reads_what_they_may_do_and_what_is_left(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    use = await carol.command(channel, "ask", prompt="Hello")
    await use.until(was_whole)
    said = await helped(carol, channel)
    assert said.splitlines()[0] == f"### {en('help.title')}"
    left = en("help.left", left=2)
    assert f"{mention(stage, 'ask')} · {en('command.ask')} · {left}" in said.splitlines()
    assert f"{mention(stage, 'imagine')} · {en('command.imagine')}" in said.splitlines(), "without a limit none is left"
    assert f"{mention(stage, 'jam start')} · {en('command.jam.start')}" in said.splitlines()
    assert piece("help.menus") in said
    assert piece("help.resets") in said
    assert clicked(said)[0] == "ask"
    assert not [name for name in clicked(said) if name == "help" or name.startswith("config")]
    assert en("help.moderators") not in said
    assert en("help.owner") not in said


async def test_the_credits_that_are_left_are_told_where_there_are_some(stage: Stage) -> None:
    channel = server(stage)
    mod, carol = someone(stage, "mod", at=channel, permissions=MODERATOR), someone(stage, at=channel)
    assert piece("confirm.left") not in await helped(carol, channel)
    await config(mod, channel, "set", setting="daily_credits", value="40")
    use = await carol.command(channel, "ask", prompt="Hello")
    await use.until(was_whole)
    left = en("confirm.left", credits=en("card.credits", count=39))
    assert left in (await helped(carol, channel)).splitlines()


async def test_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    ming = someone(stage, "ming", at=channel, locale="zh-CN")
    said = await helped(ming, channel)
    left = zh("help.left", left=3)
    assert f"### {zh('help.title')}" in said
    assert f"{mention(stage, 'ask')} · {zh('command.ask')} · {left}" in said.splitlines()
    assert zh("command.change_image") in said


async def test_a_moderator_reads_of_the_settings_too(stage: Stage) -> None:
    channel = server(stage)
    mod = someone(stage, "mod", at=channel, permissions=MODERATOR)
    said = await helped(mod, channel)
    below = said.split(f"### {en('help.moderators')}")[1]
    assert f"{mention(stage, 'setup')} · {en('command.setup')}" in below.splitlines()
    assert sorted(clicked(below)) == ["config command", "config pause", "config set", "setup"]


async def test_what_moderators_turned_off_is_said(stage: Stage) -> None:
    channel = server(stage)
    mod, carol = someone(stage, "mod", at=channel, permissions=MODERATOR), someone(stage, at=channel)
    await config(mod, channel, "set", setting="commands", value="ask, imagine")
    assert en("help.off", command=mention(stage, "video")) in (await helped(carol, channel)).splitlines()
    await config(mod, channel, "set", setting="commands", value="ask")
    said = await helped(carol, channel)
    assert en("help.off", command=mention(stage, "imagine")) in said.splitlines()
    assert "jam start" not in clicked(said), "a jam makes images"
    assert en("command.change_image") not in said


async def test_where_the_bot_is_paused_or_only_for_a_role(stage: Stage) -> None:
    channel = server(stage)
    mod, carol = someone(stage, "mod", at=channel, permissions=MODERATOR), someone(stage, at=channel)
    guild = stage.world.guild_of(channel)
    assert guild is not None
    artists = stage.world.role(guild, "Artists")
    await config(mod, channel, "set", setting="jam_roles", value=f"<@&{artists.id}>")
    said = await helped(carol, channel)
    assert "jam start" not in clicked(said)
    assert "ask" in clicked(said)
    await config(mod, channel, "pause")
    said = await helped(carol, channel)
    assert en("policy.paused") in said.splitlines()
    assert not {"ask", "imagine", "video", "jam start"} & set(clicked(said))
    assert {"jobs", "usage", "privacy show"} <= set(clicked(said))


async def test_in_direct_messages(stage: Stage) -> None:
    carol = someone(stage)
    said = await helped(carol, carol.dm())
    assert {"ask", "imagine", "video", "jobs"} <= set(clicked(said))
    assert "jam start" not in clicked(said), "a jam needs a server"
    assert [name for name in clicked(said) if name.startswith(("config", "setup"))] == ["setup"]
    assert en("help.own_settings") in said


async def test_the_owner_reads_of_all_servers(stage: Stage) -> None:
    said = await helped(stage.person("alice"), stage.channel("general"))
    assert en("help.owner_usage", command=mention(stage, "usage")) in said.splitlines()


async def test_commands_can_be_clicked_after_a_restart(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    before = clicked(await helped(carol, channel))
    await stage.restart()
    assert clicked(await helped(carol, channel)) == before
