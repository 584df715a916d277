"""What moderators set follows places: a channel that is moved, and where somebody alone brought the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from sandbox.stage import default_scene
from tests.e2e.asking import end_of
from tests.e2e.cards import film, forged, labels, private_answer, server, someone, swift
from tests.e2e.configuring import a_place, config, previewed, told
from tests.e2e.setting_up import Panel, set_up
from tests.words import en, named, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO = en("button.change_what", what="/video")


def two_categories(stage: Stage, channel: Channel) -> tuple[Channel, Channel]:
    guild = stage.world.guilds[channel.guild_id or 0]
    return stage.world.category(guild, "Studio"), stage.world.category(guild, "Lounge")


async def test_a_moved_channel_has_its_new_category_s_settings(stage: Stage) -> None:
    dora, channel = a_place(stage)
    studio, lounge = two_categories(stage, channel)
    stage.world.move_channel(channel, studio)
    await told(dora, channel, "set", setting="commands", value="imagine", scope="category")
    await told(dora, channel, "set", setting="max_images", value="2")
    panel = await set_up(dora, channel)
    drafted = await panel.fill(VIDEO, each="3")
    refused = await private_answer(await dora.command(channel, "ask", prompt="Hello"))
    stage.world.move_channel(channel, lounge)
    await end_of(await dora.command(channel, "ask", prompt="Hello"))
    await told(dora, channel, "set", setting="limits", value="ask=1/day", scope="category")
    await end_of(await dora.command(channel, "ask", prompt="Hello"))
    used = await private_answer(await dora.command(channel, "ask", prompt="Once more"))
    shown = await told(dora, channel, "show")
    applied = await panel.press(en("button.apply", count=1))
    stage.world.move_channel(channel, studio)
    again = await private_answer(await dora.command(channel, "ask", prompt="Hello"))

    assert piece("setup.not_applied") in drafted
    assert refused == again == en("policy.only_works", count=1, commands="/imagine")
    assert f"<#{lounge.id}>" in used
    assert f"**{named('limits')}** · ask 1/day · {en('config.from_category')}" in shown
    assert f"**{named('max_images')}** · 2 · {en('config.from_channel')}" in shown, "its own went along"
    assert named("commands") not in shown
    assert piece("setup.applied", count=1) in applied


async def test_what_waits_in_a_channel_that_is_moved_out_of_a_paused_category_goes_on(stage: Stage) -> None:
    swift(stage, run=0.2)
    dora, channel = a_place(stage)
    studio, lounge = two_categories(stage, channel)
    stage.world.move_channel(channel, studio)
    await told(dora, channel, "set", setting="max_running_videos", value="1", scope="server")
    swift(stage, run=600)
    first, _ = await film(dora, channel, "The first")
    await first.until(lambda each: "Cancel" in labels(each))
    waits, card = await film(dora, channel, "The second")
    await config(dora, channel, "pause", scope="category")
    await waits.until(lambda each: en("card.held") in each.text)
    swift(stage, run=0.2)
    await dora.press(first.messages[0], label="Cancel")
    stage.world.move_channel(channel, lounge)
    await waits.until(lambda each: en("card.held") not in each.text, 20)
    assert card is waits.messages[0]


async def test_a_keeper_of_one_channel_gets_nowhere_by_the_new_doors(stage: Stage) -> None:
    channel = server(stage)
    guild = stage.world.guilds[channel.guild_id or 0]
    other = stage.world.text_channel(guild, "other")
    dora = someone(stage, "dora", at=channel, permissions=int(Permission.ADMINISTRATOR))
    keeper = someone(stage, "keeper", at=channel)
    stage.world.overwrite(channel, keeper.user, allow=int(Permission.MANAGE_CHANNELS))
    whole = await told(keeper, channel, "command", command="video", on=False, scope="server")
    elsewhere = await told(keeper, channel, "command", command="video", on=False, channel=other)
    panel = await set_up(keeper, channel)
    for name in (f"setup:again:channel:{other.id}:what:video", f"setup:again:server:{guild.id}:what:video"):
        said = await private_answer(await forged(keeper, panel.message, name))
        assert piece("config.not_allowed_server") in said or piece("config.not_allowed_there") in said
    # Nobody applies what another one drafted, and nobody what they may not change any more.
    theirs = await previewed(dora, channel, "server:\n  max_images: 1\n")
    (apply,) = [str(one["custom_id"]) for one in theirs.buttons() if ":apply:" in str(one["custom_id"])]
    await (await forged(keeper, panel.message, apply)).acknowledged()
    mine = Panel(keeper, await previewed(keeper, channel, f"channels:\n  {channel.id}:\n    max_images: 1\n"))
    stage.world.overwrite(channel, keeper.user, deny=int(Permission.MANAGE_CHANNELS))
    lost = await mine.refused(en("button.apply", count=1))

    assert whole == en("config.not_allowed_server")
    assert elsewhere == en("config.not_allowed_there", place=f"<#{other.id}>")
    assert lost == en("config.not_allowed")
    assert await told(dora, channel, "export") == en("config.nothing_set")


async def test_a_traveller_brings_the_bot_and_no_desk(new_stage: NewStage) -> None:
    scene = default_scene()
    traveller = scene.world.person("traveller", app_installed=True)
    abroad = scene.world.guild("Abroad", app_installed=False)
    traveller.joins(abroad, permissions=int(Permission.ADMINISTRATOR))
    lobby = scene.world.text_channel(abroad, "lobby")
    stage = await new_stage(scene=scene, environment={"ALLOW_USER_INSTALL": "true"})
    home = stage.channel("general")
    traveller.joins(stage.guild)
    alice = stage.person("alice")
    refused = [
        await told(traveller, lobby, "command", command="video", on=False),
        await told(traveller, lobby, "export"),
        await private_answer(await traveller.command(lobby, "setup")),
        await private_answer(await traveller.command(lobby, "setup", command="ask")),
    ]
    answer = await end_of(await traveller.command(lobby, "ask", prompt="Hello"))
    name = f"setup:form:server:{abroad.id}:what:video"
    refused.append(await private_answer(await forged(traveller, answer, name)))
    # At home the server's rules hold, whoever has the bot installed for themselves.
    await told(alice, home, "set", setting="limits", value="ask=1/day", scope="server")
    await end_of(await traveller.command(home, "ask", prompt="Hello"))
    limited = await private_answer(await traveller.command(home, "ask", prompt="Hello"))
    await told(alice, home, "bar", person=traveller)
    barred = await private_answer(await traveller.command(home, "imagine", prompt="A fox"))
    await end_of(await traveller.command(lobby, "ask", prompt="What another server says is nothing to this one"))

    assert refused == [en("config.not_a_member")] * 5
    assert piece("limits.used", count=1) in limited or "1" in limited
    assert "blocked you" in barred
