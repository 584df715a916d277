"""People who are barred: told once, refused everywhere, in the history, and let in again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import end_of
from tests.e2e.cards import forged, has_pictures, paint, private_answer, server, someone, sql
from tests.e2e.configuring import config, plain, told
from tests.e2e.crediting import usage
from tests.e2e.picturing import PATIENCE, act
from tests.e2e.setting_up import opened, parts_of
from tests.e2e.test_help import clicked, helped
from tests.e2e.test_privacy import is_deleted
from tests.words import en, named, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = en("bar.for_good")


def a_server(stage: Stage) -> tuple[Channel, Person, Person]:
    """A channel, who manages its server, and a member."""
    channel = server(stage)
    return (
        channel,
        someone(stage, "mod", at=channel, permissions=int(Permission.MANAGE_GUILD)),
        someone(stage, at=channel),
    )


async def asks(who: Person, channel: Channel) -> str:
    return await private_answer(await who.command(channel, "ask", prompt="Why?"))


async def test_barred_everywhere_and_told_once(stage: Stage) -> None:
    channel, mod, carol = a_server(stage)
    stage.world.overwrite(channel, mod.user, allow=Permission.MANAGE_CHANNELS)
    await told(mod, channel, "set", setting="edit_model", value="qwen-image-edit", scope="server")
    use, _ = await paint(someone(stage, "dave", at=channel), channel, "A fox")
    card = await use.until(has_pictures(1), PATIENCE)
    answer = await end_of(await carol.command(channel, "ask", prompt="Why?"))
    said = await told(
        mod, channel, "bar", person=carol, reason=f"spam in <#{channel.id}>, *all* for <@{mod.id}> </ask:7> <:x:8>"
    )
    # Discord sends an option's mentions as numbers; a reason is shown letter by letter.
    why = f"spam in #{channel.name}, *all* for @mod /ask :x:"
    assert said.splitlines()[0] == en("bar.because", said=en("bar.began", person=f"<@{carol.id}>"), reason=why)
    first = await asks(carol, channel)
    reason = en("bar.reason", reason=why)
    assert plain(first) == f"{SHORT}\n{reason}\n-# {en('bar.still')}"
    assert await asks(carol, channel) == SHORT
    for label in ("Reroll", "Edit prompt", "Vary", "Like"):
        assert await private_answer(await act(carol, card, label)) == SHORT
    for name in ("command.change_image", "command.ask_about"):
        assert await private_answer(await carol.message_command(card, en(name))) == SHORT
    for name in ("button.reply", "button.regenerate"):  # before a form is filled in vain
        assert await private_answer(await carol.press(answer, label=en(name))) == SHORT
    assert await private_answer(await carol.command(channel, "jam start", theme="Foxes")) == SHORT
    # What is theirs stays open.
    said = await helped(carol, channel)
    assert SHORT in said.splitlines()
    assert {"usage", "privacy show"} <= set(clicked(said))
    assert piece("usage.off") in (await usage(carol, channel)).text
    await end_of(await carol.command(carol.dm(), "ask", prompt="Why?"))
    assert f"<@{carol.id}> · {en('bar.no_end')} · spam" in await told(mod, channel, "bars")

    said = await told(mod, channel, "undo")
    assert en("bar.ended", person=f"<@{carol.id}>") in said
    await end_of(await carol.command(channel, "ask", prompt="Why?"))
    assert await told(mod, channel, "bars") == en("bar.nobody")
    history = await told(mod, channel, "history")
    assert en("bar.because", said=en("bar.began", person=f"<@{carol.id}>"), reason="spam") in history


async def test_for_a_time_in_chinese(stage: Stage) -> None:
    channel, mod, _ = a_server(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    stage.world.overwrite(channel, mod.user, allow=Permission.MANAGE_CHANNELS)
    await told(mod, channel, "bar", person=ming, **{"for": "2周"})
    assert piece("bar.until", "zh_CN") in await asks(ming, channel)
    assert await asks(ming, channel) == zh("bar.until", until="<t:…:f>")
    said = await told(mod, channel, "unbar", person=ming)
    assert said == en("bar.ended", person=f"<@{ming.id}>")
    assert await told(mod, channel, "unbar", person=ming) == en("bar.is_not", person=f"<@{ming.id}>")


async def test_what_was_typed_is_mended_in_a_form_and_taken_back_under_the_answer(stage: Stage) -> None:
    channel, mod, carol = a_server(stage)
    stage.world.overwrite(channel, mod.user, allow=Permission.MANAGE_CHANNELS)
    refused = await config(mod, channel, "bar", person=carol, reason="spam", **{"for": "soon"})
    assert en("bar.bad_time", typed="soon") in refused.text
    use = await mod.press(refused, label=en("button.edit_again"))
    parts = parts_of(await use.form())
    assert [parts[name]["value"] for name in ("span", "reason")] == ["soon", "spam"]
    done = await (await mod.submit(use, {"span": "a day", "reason": "spam"})).message()
    assert piece("bar.began_until") in done.text
    assert en("bar.reason", reason="spam") in await asks(carol, channel)
    use = await mod.press(done, label=en("button.unbar"))
    await use.until(lambda each: each.text == en("bar.ended", person=f"<@{carol.id}>"))
    await end_of(await carol.command(channel, "ask", prompt="Why?"))


async def test_who_is_barred_is_let_in_from_the_list(stage: Stage) -> None:
    channel, mod, carol = a_server(stage)
    stage.world.overwrite(channel, mod.user, allow=Permission.MANAGE_CHANNELS)
    others = [someone(stage, f"member{number}", at=channel) for number in range(11)]
    for who in (carol, *others):
        await told(mod, channel, "bar", person=who)
    page = await config(mod, channel, "bars")
    assert [one["label"] for one in page.buttons()].count(en("button.unbar")) == 10
    assert f"<@{carol.id}>" not in page.text
    use = await mod.press(page, label=en("jobs.older"))
    await use.until(lambda each: f"<@{carol.id}>" in each.text)
    use = await mod.press(page, custom_id=f"bars:unbar:{carol.id}:10")
    await use.until(lambda each: f"<@{carol.id}> · " not in each.text)
    assert en("bar.ended", person=f"<@{carol.id}>") in page.text
    answer = await end_of(await carol.command(channel, "ask", prompt="Why?"))
    # Somebody else let the other one in meanwhile.
    await told(mod, channel, "unbar", person=others[0])
    use = await mod.press(page, custom_id=f"bars:unbar:{others[0].id}:10")
    await use.until(lambda each: en("bar.is_not", person=f"<@{others[0].id}>") in each.text)
    assert [one["label"] for one in page.buttons()].count(en("button.unbar")) == 10
    # Rights are checked when it is pressed; and the page Who leads there.
    stage.world.overwrite(channel, carol.user, allow=Permission.MANAGE_CHANNELS)
    assert await private_answer(await forged(carol, answer, f"bars:unbar:{others[1].id}:0")) == en("bar.not_allowed")
    panel = await opened(mod, channel)
    await panel.press(en("config.scope_server"))
    await panel.press(en("topic.who"))
    assert en("bar.title") in await panel.press(en("button.bars"))
    assert named("roles") in await panel.press(en("button.all_settings"))


async def test_who_may_bar_whom(stage: Stage) -> None:
    channel, mod, carol = a_server(stage)
    keeper = someone(stage, "keeper", at=channel)
    boss = someone(stage, "boss", at=channel, permissions=int(Permission.ADMINISTRATOR))
    for who in (mod, keeper):
        stage.world.overwrite(channel, who.user, allow=Permission.MANAGE_CHANNELS)
    for word in ("bar", "unbar"):
        assert await told(keeper, channel, word, person=carol) == en("bar.not_allowed")
    assert await told(keeper, channel, "bars") == en("bar.not_allowed")
    assert await told(mod, channel, "bar", person=mod) == en("bar.oneself")
    assert await told(mod, channel, "bar", person=boss) == en("bar.manager", person=f"<@{boss.id}>")
    assert await told(boss, channel, "bar", person=mod) == en("bar.manager", person=f"<@{mod.id}>")
    assert not sql(stage, "SELECT 1 FROM bars WHERE guild_id = ?", channel.guild_id)


async def test_deleting_ones_data_lets_nobody_in(stage: Stage) -> None:
    channel, mod, carol = a_server(stage)
    stage.world.overwrite(channel, mod.user, allow=Permission.MANAGE_CHANNELS)
    await told(mod, channel, "bar", person=carol, reason="spam")
    question = await (await carol.command(channel, "privacy delete")).message()
    await (await carol.press(question, label=en("button.delete_mine"))).until(is_deleted, PATIENCE)
    assert SHORT in await asks(carol, channel)
    history = await told(mod, channel, "history")
    assert f"<@{carol.id}>" not in history
    assert en("bar.began", person=en("bar.forgotten")) in history
