"""/config import of another server's file: by names, and what is not sure is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.models import walk
from sandbox.discord.permissions import Permission
from tests.e2e.cards import someone
from tests.e2e.configuring import a_place, applied, config, has, plain, previewed, taken_in, told
from tests.e2e.exhibiting import guild_of
from tests.words import en, named, piece

if TYPE_CHECKING:
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def original(stage: Stage) -> str:
    """The file of a server with roles, a log and two channels that have settings."""
    dora, channel = a_place(stage)
    guild = guild_of(stage, channel)
    artists, mods = stage.world.role(guild, "Artists"), stage.world.role(guild, "Mods")
    other = stage.world.text_channel(guild, "drawings")
    for setting, value, scope, where in (
        ("roles", f"<@&{artists.id}> <@&{mods.id}>", "server", channel),
        ("log_channel", f"<#{other.id}>", "server", channel),
        ("max_images", "2", "channel", channel),
        ("jam_roles", f"<@&{mods.id}>", "channel", other),
    ):
        answer = await config(dora, where, "set", setting=setting, value=value, scope=scope)
        if answer.buttons():
            await (await dora.press(answer)).until(lambda each: not each.buttons())
    return (await config(dora, channel, "export")).attachments[0].data.decode()


async def test_names_that_are_there_once_need_no_question(stage: Stage) -> None:
    text = await original(stage)
    fred, channel = a_place(stage)
    guild = guild_of(stage, channel)
    roles = [stage.world.role(guild, name) for name in ("ARTISTS", "mods")]
    drawings = stage.world.text_channel(guild, "Drawings")
    said = await taken_in(fred, channel, text)
    assert "4 changes in 3 places." in said
    shown = await told(fred, drawings, "show")
    assert f"**{named('roles')}** · <@&{roles[0].id}> <@&{roles[1].id}>" in shown
    assert f"**{named('log_channel')}** · <#{drawings.id}>" in shown
    assert f"**{named('jam_roles')}** · <@&{roles[1].id}>" in shown
    await told(fred, channel, "undo")
    assert await told(fred, channel, "export") == en("config.nothing_set")


async def test_what_is_not_sure_is_asked_about_and_nothing_changes_until_apply(stage: Stage) -> None:
    text = await original(stage)
    fred, channel = a_place(stage)
    guild = guild_of(stage, channel)
    artists = stage.world.role(guild, "Artists")
    stage.world.role(guild, "Mods")
    second = stage.world.role(guild, "Mods")
    elsewhere = stage.world.text_channel(guild, "elsewhere")
    question = await previewed(fred, channel, text)
    assert question.ephemeral
    assert [line for line in plain(question.text).splitlines() if line.startswith("**")] == [
        "**@Mods**",
        "**#drawings**",
    ]
    assert await told(fred, channel, "export") == en("config.nothing_set")
    menus = [part["custom_id"] for part in walk(question.components) if "custom_id" in part and part["type"] in {6, 8}]
    await fred.select(question, second, custom_id=menus[0])
    await fred.select(question, elsewhere, custom_id=menus[1])
    # Nobody else applies it.
    preview = await (await fred.press(question, label=en("copy.apply"))).until(lambda each: has(each, "setup:all:"))
    assert await told(fred, channel, "export") == en("config.nothing_set")
    assert "4 changes in 3 places." in await applied(fred, preview)
    shown = await told(fred, elsewhere, "show")
    assert f"**{named('roles')}** · <@&{artists.id}> <@&{second.id}>" in shown
    assert f"**{named('jam_roles')}** · <@&{second.id}>" in shown
    await told(fred, channel, "undo")
    assert await told(fred, channel, "export") == en("config.nothing_set")


async def test_what_is_left_out_stays_as_it_is(stage: Stage) -> None:
    """A list without its roles would let everybody in."""
    text = await original(stage)
    fred, channel = a_place(stage)
    guild = guild_of(stage, channel)
    stage.world.role(guild, "Artists")
    stage.world.text_channel(guild, "drawings")
    mine = stage.world.role(guild, "Mine")
    await config(fred, channel, "set", setting="roles", value=f"<@&{mine.id}>", scope="server")
    question = await previewed(fred, channel, text)
    preview = await (await fred.press(question, label=en("copy.apply"))).until(lambda each: has(each, "setup:all:"))
    assert "2 changes in 2 places." in await applied(fred, preview)
    assert f"**{named('roles')}** · <@&{mine.id}>" in await told(fred, channel, "show")


async def test_who_may_not_change_the_server_does_not_by_a_copy(stage: Stage) -> None:
    text = await original(stage)
    _, channel = a_place(stage)
    fred = someone(stage, "fred", at=channel, permissions=int(Permission.MANAGE_CHANNELS))
    question = await previewed(fred, channel, text)
    said = await (await fred.press(question, label=en("copy.apply"))).until(lambda each: each is not question)
    assert en("config.not_allowed_server") in plain(said.text)


async def test_a_restart_says_that_it_is_over(new_stage: NewStage) -> None:
    stage = await new_stage()
    text = await original(stage)
    fred, channel = a_place(stage)
    question = await previewed(fred, channel, text)
    await stage.restart()
    said = await (await fred.press(question, label=en("copy.apply"))).until(lambda each: each is not question)
    assert said.text == en("copy.over")
    assert piece("copy.title") in question.text
