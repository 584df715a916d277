"""Limits by count and roles by command, as a member and as somebody who manages one channel meets them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import end_of
from tests.e2e.cards import has_pictures, paint, private_answer, server, someone
from tests.e2e.configuring import plain, told
from tests.e2e.crediting import usage
from tests.e2e.jamming import start
from tests.e2e.picturing import PATIENCE, act
from tests.e2e.setting_up import set_up
from tests.e2e.talking import a_talk, answer_of
from tests.e2e.talking import mention as write_to
from tests.e2e.test_help import helped, mention
from tests.words import en, named, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Guild
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE, TODAY = en("limits.server"), en("limits.today")


def guild_of(stage: Stage, channel: Channel) -> Guild:
    guild = stage.world.guild_of(channel)
    assert guild is not None
    return guild


def manager(stage: Stage, channel: Channel) -> Person:
    return someone(stage, "mod", at=channel, permissions=int(Permission.ADMINISTRATOR))


async def refusal(who: Person, channel: Channel, command: str = "imagine") -> str:
    use = await who.command(channel, command, prompt="One more")
    return (await private_answer(use)).replace("<t:…:R>", "…")


def used(count: int, where: str) -> str:
    said = en("limits.used", count=count, things=en("limits.things_imagine", count=count), period=TODAY, where=where)
    return f"{said} {en('credits.returns', when='…')}"


async def drawn(who: Person, channel: Channel, prompt: str = "A fox") -> None:
    use, _ = await paint(who, channel, prompt)
    await use.until(has_pictures(1), PATIENCE)


async def test_a_server_and_a_channel_in_both_languages(stage: Stage) -> None:
    channel = server(stage)
    other = stage.world.text_channel(guild_of(stage, channel), "other")
    mod, carol = manager(stage, channel), someone(stage, at=channel)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    said = await told(mod, channel, "set", setting="limits", value="imagine=3/day, total ask=9", scope="server")
    assert said.splitlines()[0] == f"**{named('limits')}** is now imagine 3/day, total ask 9/day in this server."
    said = await told(mod, channel, "set", setting="limits", value="图片 每天2次", scope="channel")
    assert said.splitlines()[0] == f"**{named('limits')}** is now imagine 2/day in <#{channel.id}>."
    assert "imagine 3/day" in said.splitlines()[1], "what the server has goes on"

    await drawn(carol, channel)
    shown = (await usage(carol, channel)).text
    assert en("limits.left", command="/imagine", left=2, most=3, period=TODAY, where=HERE) in shown
    assert en("limits.left", command="/imagine", left=1, most=2, period=TODAY, where=f"<#{channel.id}>") in shown
    assert en("limits.left_total", command="/ask", left=9, most=9, period=TODAY, where=HERE) in shown
    assert en("help.left", left=1) in await helped(carol, channel)

    # The last one is told of beside it, to its person alone.
    use, card = await paint(carol, channel, "A second fox")
    low = await use.until(lambda message: message is not card and message.ephemeral, PATIENCE)
    assert low.visible_to == carol.id
    assert en("limits.last", command="/imagine", period=TODAY, where=f"<#{channel.id}>") in low.text
    assert await refusal(carol, channel) == used(2, f"<#{channel.id}>")
    # A thread is no way round, another channel is one up to the server's limit.
    thread = stage.world.thread(channel, "round the corner", owner=carol.user)
    assert await refusal(carol, thread) == used(2, f"<#{channel.id}>")
    await drawn(carol, other)
    assert await refusal(carol, other) == used(3, HERE)

    await drawn(ming, channel)
    await drawn(ming, channel, "A second fox")
    things = zh("limits.things_imagine", count=2)
    chinese = zh("limits.used", count=2, things=things, period=zh("limits.today"), where=f"<#{channel.id}>")
    assert chinese in await refusal(ming, channel)


async def test_a_mention_s_answer_tells_what_is_left(stage: Stage) -> None:
    dora, channel = await a_talk(stage, limits="ask=2/day")
    first = await answer_of(stage, await write_to(stage, dora, channel, "A fox?"))
    last = await answer_of(stage, await write_to(stage, dora, channel, "Another fox?"))
    assert en("limits.last", command="/ask", period=TODAY, where=HERE) not in first.text
    assert en("limits.last", command="/ask", period=TODAY, where=HERE) in last.text


async def test_roles_have_their_own_and_buttons_count(stage: Stage) -> None:
    channel = server(stage)
    guild = guild_of(stage, channel)
    role = stage.world.role(guild, "Very Artistic")
    mod, carol, dave = manager(stage, channel), someone(stage, at=channel), someone(stage, "dave", at=channel)
    await told(mod, channel, "set", setting="edit_model", value="qwen-image-edit")
    await told(mod, channel, "set", setting="limits", value="imagine=1, @very artistic imagine=2", scope="server")
    shown = await told(mod, channel, "show")
    assert f"imagine 1/day, <@&{role.id}> imagine 2/day" in shown
    use, _ = await paint(carol, channel, "A fox")
    card = await use.until(has_pictures(1), PATIENCE)
    for label in ("Reroll", "Vary"):
        pressed = await act(carol, card, label)
        assert await private_answer(pressed) == used(1, HERE).replace("…", "<t:…:R>")
    stage.world.give_role(guild, dave.user, role)
    again = await dave.press(card, label="Reroll")
    await again.until(has_pictures(1), PATIENCE)
    await drawn(dave, channel)
    assert await refusal(dave, channel) == used(2, HERE)


async def test_two_presses_at_once_and_everybody_together(stage: Stage) -> None:
    channel = server(stage)
    mod = manager(stage, channel)
    people = [someone(stage, name, at=channel) for name in ("carol", "dave", "erin")]
    await told(mod, channel, "set", setting="limits", value="total ask=2/day")
    uses = await asyncio.gather(*(who.command(channel, "ask", prompt="Why?") for who in people for _ in range(2)))
    ends = [await use.until(lambda message: not message.loading and message.text != "", 20) for use in uses]
    refused = [message for message in ends if message.ephemeral]
    assert len(refused) == 4
    things = en("limits.things_ask", count=2)
    whole = en("limits.used_total", count=2, things=things, period=TODAY, where=f"<#{channel.id}>")
    assert all(message.text.startswith(whole) for message in refused)


async def test_what_can_t_be_read_is_said(stage: Stage) -> None:
    channel = server(stage)
    mod = manager(stage, channel)
    for typed, key in (
        ("vide=3/day", "config.limit_of_what"),
        ("video=3/week", "config.limit_period"),
        ("@Nobody video=3", "config.no_such_role"),
    ):
        assert piece(key) in await told(mod, channel, "set", setting="limits", value=typed)
    assert "limits" not in await told(mod, channel, "history")


async def test_roles_by_command(stage: Stage) -> None:
    channel = server(stage)
    guild = guild_of(stage, channel)
    role, members = stage.world.role(guild, "Artists"), stage.world.role(guild, "Members")
    mod, carol = manager(stage, channel), someone(stage, at=channel)
    await told(mod, channel, "set", setting="edit_model", value="qwen-image-edit")
    await drawn(carol, channel)
    use, _ = await paint(carol, channel, "A fox to press")
    card = await use.until(has_pictures(1), PATIENCE)
    await told(mod, channel, "set", setting="imagine_roles", value="@Artists", scope="server")
    needed = en("policy.command_role_needed", roles=f"<@&{role.id}>", command="/imagine")
    assert await refusal(carol, channel) == needed
    for label in ("Reroll", "Edit prompt", "Vary"):
        assert await private_answer(await act(carol, card, label)) == needed
    assert await private_answer(await carol.command(channel, "jam start", theme="Foxes")) == needed
    said = await helped(carol, channel)
    assert en("help.needs", command=mention(stage, "imagine"), roles=f"<@&{role.id}>") in said.splitlines()
    assert await carol.autocomplete(channel, "imagine", focused="model", prompt="x") == []
    await end_of(await carol.command(channel, "ask", prompt="Why?"))
    # Both lists must be met.
    stage.world.give_role(guild, carol.user, role)
    await drawn(carol, channel)
    await told(mod, channel, "set", setting="roles", value="@Members", scope="server")
    assert await refusal(carol, channel) == en("policy.role_needed", roles=f"<@&{members.id}>")


async def test_a_jam_counts_for_who_pays(stage: Stage) -> None:
    channel = server(stage)
    mod, carol, dave = manager(stage, channel), someone(stage, at=channel), someone(stage, "dave", at=channel)
    await told(mod, channel, "set", setting="limits", value="imagine=1/day", scope="server")
    jam = await start(stage, channel=channel, who=carol)
    await jam.idea(dave, "a red one")
    await jam.make()
    assert await refusal(carol, channel) == used(1, HERE)
    await drawn(dave, channel)


async def test_locks_hold_and_are_shown(stage: Stage) -> None:
    channel = server(stage)
    guild = guild_of(stage, channel)
    other = stage.world.text_channel(guild, "other")
    mod, keeper = manager(stage, channel), someone(stage, "keeper", at=channel)
    stage.world.overwrite(channel, keeper.user, allow=Permission.MANAGE_CHANNELS)
    await told(keeper, channel, "set", setting="image_model", value="qwen-image")
    await told(keeper, channel, "set", setting="max_images", value="4")
    await told(mod, other, "set", setting="max_images", value="2", scope="server")
    said = await told(mod, other, "set", setting="locks", value=f"{named('image_model')}, max_images，次数上限")
    names = ", ".join([named("image_model"), named("max_images"), named("limits")])
    assert said.splitlines()[0] == f"**{named('locks')}** is now {names} in this server."
    # What a channel was given before is of no use, and this is told; what is stricter holds.
    fact = {"setting": named("image_model"), "before": "qwen-image", "after": "wan2.7-image"}
    overridden = en("config.overrides_step", where=f"<#{channel.id}>", **fact)
    assert piece("config.overrides", count=2) in said
    assert overridden in said
    assert (
        en("config.overrides_step", where=f"<#{channel.id}>", setting=named("max_images"), before="4", after="2")
        in said
    )
    shown = await told(keeper, channel, "show")
    assert f"**{named('image_model')}** 🔒" in shown
    assert "qwen-image" not in shown
    assert f"**{named('max_images')}** 🔒 · 2 · " in shown
    assert await told(keeper, channel, "set", setting="image_model", value="qwen-image") == plain(
        en("config.locked", setting=named("image_model"))
    )
    assert await told(keeper, channel, "set", setting="max_images", value="3") == plain(
        en("config.locked_narrow", setting=named("max_images"))
    )
    assert "is now 1" in await told(keeper, channel, "set", setting="max_images", value="1")
    assert "is now" in await told(keeper, channel, "set", setting="limits", value="video=1/day")
    ming = someone(stage, "小明", at=channel, locale="zh-CN", permissions=int(Permission.ADMINISTRATOR))
    assert await told(ming, channel, "set", setting="image_model", value="qwen-image") == plain(
        zh("config.locked", setting=named("image_model", "zh_CN"))
    )
    # In /setup it is not offered.
    setup = await set_up(keeper, channel)
    await setup.press(en("topic.what"))
    _, parts = await setup.form(en("button.change_what", what="/imagine"))
    assert "image_model" not in parts
    # Only the server's managers change locks.
    assert piece("config.not_allowed_server") in await told(keeper, channel, "reset", setting="locks")
    panel = await (await mod.command(channel, "setup")).message()
    assert f"**{en('setting.image_model')}** 🔒" in panel.text
