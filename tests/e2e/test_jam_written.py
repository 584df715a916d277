"""Ideas that are written as messages in a jam's thread, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.cards import eventually, link, said, server, someone
from tests.e2e.jamming import REFUSED, TAKEN, WITHIN, start
from tests.e2e.talking import a_talk, answer_of, answers_to, mention, reaction_to, reply_of, silence
from tests.words import en, piece, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_reply_or_a_mention_is_an_idea_and_chatter_is_none(stage: Stage) -> None:
    _, channel = await a_talk(stage)
    jam = await start(stage, channel=channel)
    bob, ming = someone(stage, "bob", at=channel), someone(stage, "小明", at=channel, locale="zh-CN")
    asked = len(stage.api.requests.of("chat"))
    reply = await bob.reply_to(jam.card, f"a dragon with <@{ming.id}>'s hat")
    named = await mention(stage, ming, jam.thread, "红旗")
    assert [await reaction_to(stage, each) for each in (reply, named)] == [TAKEN, TAKEN]
    await jam.until("a dragon with 小明's hat")
    await jam.until("红旗")
    await jam.until("3 people")
    chatter = await bob.say(jam.thread, "what a nice dragon")
    quiet = await bob.reply_to(reply, "indeed")
    assert await silence(chatter, quiet)
    hint = en("jam.write_to_me", link=link(jam.card))

    def hints() -> list[Message]:
        return [each for each in jam.posted_in(jam.thread) if said(each) == hint]

    await eventually(lambda: bool(hints()), within=WITHIN)
    await bob.say(jam.thread, "and another")

    # What can't be taken is said once, then by a sign.
    await bob.reply_to(jam.card, "a second one")
    third, fourth = [await bob.reply_to(jam.card, f"idea {number}") for number in (3, 4)]
    assert (await reply_of(stage, third)).text == en("jam.ideas_used", most=2)
    assert await reaction_to(stage, fourth) == REFUSED
    empty = await mention(stage, ming, jam.thread, "")
    assert (await reply_of(stage, empty)).text == en("jam.empty_idea")

    # Beside the jam, a mention is a question as ever, and a reply to its word there is an idea where it can be read.
    question = await mention(stage, bob, channel, "Why?")
    await answer_of(stage, question)
    assert len(stage.api.requests.of("chat")) == asked + 1
    unread = await ming.reply_to(jam.word, "在这里")
    assert (await reply_of(stage, unread)).text == en("jam.cant_read")
    me = stage.world.application.bot.mention
    assert await reaction_to(stage, await ming.reply_to(jam.word, f"{me} 月亮")) == TAKEN
    await jam.until("月亮")

    await jam.make()
    (told,) = hints()
    assert not told.pinged
    late = await ming.reply_to(jam.card, "太晚了")
    assert (await reply_of(stage, late)).text == zh("jam.not_open")
    assert len(answers_to(late)) == 1


async def test_the_thread_is_told_once_that_the_host_left(stage: Stage) -> None:
    channel = server(stage)
    jam = await start(stage, channel=channel)
    make = next(part for part in jam.card.buttons() if str(part["label"]).startswith("Make "))
    assert make["disabled"], "there is nothing to be made of yet"
    await someone(stage, "bob", at=channel).reply_to(jam.card, "a lighthouse")
    await jam.until("a lighthouse")
    await jam.press(jam.starter, en("button.jam_leave"))
    told = en("jam.left_free", who=f"<@{jam.starter.id}>")
    whole = f"{told}\n{en('jam.to_card', link=link(jam.card))}"
    await eventually(lambda: any(said(each) == whole for each in jam.posted_in(jam.thread)), within=WITHIN)
    await jam.until(told)
    (line,) = [each for each in jam.posted_in(jam.thread) if told in said(each) and each is not jam.card]
    assert not line.pinged
    await eventually(lambda: piece("jam.count_people") in jam.word.text, within=WITHIN)
