"""Presses and forms of talks as nobody drew them: another's turn, another place, another message, another's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.discord.permissions import Permission
from tests.e2e.asking import end_of, first_text, was_whole
from tests.e2e.cards import forged, private_answer, server, someone, sql
from tests.e2e.configuring import config, told
from tests.e2e.exhibiting import painted
from tests.e2e.talking import a_talk, answer_of, mention, reaction_to, silence
from tests.e2e.test_chats import open_chat
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

GONE, NOT_YOURS = en("error.gone"), en("error.not_your_stop")


def turn_of(message: Message) -> str:
    """The id that an answer's buttons hold."""
    name = next(part["custom_id"] for part in message.buttons() if str(part["custom_id"]).startswith("ask:"))
    return str(name).split(":")[1]


async def test_an_answer_elsewhere_is_stopped_by_nobody(stage: Stage) -> None:
    here, there = server(stage), server(stage)
    carol = someone(stage, at=here)
    boss = someone(stage, "boss", at=there, permissions=int(Permission.ADMINISTRATOR))
    theirs = await end_of(await boss.command(there, "ask", prompt="A fox"))
    use = await carol.command(here, "ask", prompt="Slowly [rate:20] [words:60]")
    grows = await first_text(use)
    press = await forged(boss, theirs, f"ask:{turn_of(grows)}:stop")
    assert await private_answer(press) == NOT_YOURS
    assert was_whole(await end_of(use))
    assert was_whole(theirs), "nothing of it was touched"


async def test_a_private_answer_is_stopped_by_no_moderator(stage: Stage) -> None:
    here = server(stage)
    carol, boss = someone(stage, at=here), someone(stage, "boss", at=here, permissions=int(Permission.ADMINISTRATOR))
    theirs = await end_of(await boss.command(here, "ask", prompt="A fox"))
    use = await carol.command(here, "ask", prompt="Slowly [rate:20] [words:60]", private=True)
    grows = await first_text(use)
    assert await private_answer(await forged(boss, theirs, f"ask:{turn_of(grows)}:stop")) == NOT_YOURS
    assert was_whole(await end_of(use))


@pytest.mark.parametrize("action", ["show:0", "beside", "on"])
async def test_an_answer_is_shown_in_no_other_message(stage: Stage, action: str) -> None:
    here = server(stage)
    carol, dave = someone(stage, at=here), someone(stage, "dave", at=here)
    stage.api.next("chat", reply="One two three four", fault="length" if action == "on" else "", break_after=3)
    mine = await end_of(await carol.command(here, "ask", prompt="Count"))
    his = await end_of(await dave.command(here, "ask", prompt="A wolf"))
    card = await painted(dave, here, "A fox")
    for message in (his, card):
        before = message.text
        press = await forged(carol, message, f"ask:{turn_of(mine)}:{action}")
        assert await private_answer(press) == GONE
        assert message.text == before


async def test_turns_of_others_and_of_elsewhere_are_out_of_reach(stage: Stage) -> None:
    here, there = server(stage), server(stage)
    carol, eve = someone(stage, at=here), someone(stage, "eve", at=here, permissions=int(Permission.ADMINISTRATOR))
    secret = await end_of(await carol.command(here, "ask", prompt="A secret", private=True))
    public = await end_of(await carol.command(here, "ask", prompt="A wolf"))
    boss = someone(stage, "boss", at=there, permissions=int(Permission.ADMINISTRATOR))
    hers = await end_of(await eve.command(here, "ask", prompt="A fox"))
    his = await end_of(await boss.command(there, "ask", prompt="A fox"))
    for action in ("reply", "beside", "on", "show:0", "retry", "edit"):
        assert await private_answer(await forged(eve, hers, f"ask:{turn_of(secret)}:{action}")) == GONE, action
        assert await private_answer(await forged(boss, his, f"ask:{turn_of(secret)}:{action}")) == GONE, action
        assert await private_answer(await forged(boss, his, f"ask:{turn_of(public)}:{action}")) == GONE, action
        assert await private_answer(await forged(boss, his, f"ask:{'9' * 20}:{action}")) == GONE, action


async def test_rules_that_changed_hold_for_what_goes_on(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    carol = someone(stage, at=channel)
    stage.api.next("chat", reply="One two three four", fault="length", break_after=3)
    cut = await end_of(await carol.command(channel, "ask", prompt="Count", model="qwen3-max"))
    heard = await answer_of(stage, await mention(stage, carol, channel, "A fox"))
    reply = await carol.press(cut, label=en("button.reply"))
    await reply.form()
    opened = await carol.press(cut, label=en("button.regenerate"))
    await opened.form()
    again = await carol.press(cut, label=en("button.regenerate"))
    await again.form()
    await told(dora, channel, "set", setting="allowed_models", value="deepseek-chat", scope="server")
    refused = await carol.submit(opened, {"model": "qwen3-max"})
    assert "qwen3-max" in await private_answer(refused)
    await config(dora, channel, "set", setting="commands", value="imagine", scope="server")
    off = en("policy.only_works", count=1, commands="/imagine")
    for label in (en("button.go_on"), en("button.reply")):
        assert await private_answer(await carol.press(cut, label=label)) == off
    assert await private_answer(await carol.submit(reply, {"prompt": "go on"})) == off
    assert await silence(await carol.reply_to(heard, f"{stage.world.application.bot.mention} and?"))
    await config(dora, channel, "reset", setting="commands", scope="server")
    await told(dora, channel, "bar", person=carol)
    short = en("bar.for_good")
    assert short in await private_answer(await carol.press(cut, label=en("button.go_on")))
    assert await private_answer(await carol.press(cut, label=en("button.regenerate"))) == short
    assert await private_answer(await carol.submit(again, {})) == short
    assert await silence(await carol.reply_to(heard, f"{stage.world.application.bot.mention} and?"))
    assert await private_answer(await carol.command(channel, "chat", topic="Foxes")) == short


async def test_a_thread_counts_for_its_channel(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    carol = someone(stage, at=channel)
    await told(dora, channel, "set", setting="limits", value="ask=2/day")
    thread = await open_chat(stage, carol, channel, topic="Foxes")
    await answer_of(stage, await mention(stage, carol, thread, "one"))
    await end_of(await carol.command(channel, "ask", prompt="two"))
    assert await reaction_to(stage, await mention(stage, carol, thread, "three"))
    other = await open_chat(stage, carol, channel, topic="Wolves")
    assert await reaction_to(stage, await mention(stage, carol, other, "four"))
    counts = sql(stage, "SELECT used FROM limit_counts WHERE scope_id = ?", channel.id)
    assert [row[0] for row in counts] == [2]
