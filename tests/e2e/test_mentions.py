"""Mentioning the bot: who gets an answer, in what form, and who is left in silence."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from bot.kit.refusals import REACTION
from sandbox.discord.choosing import Upload
from sandbox.discord.limits import Limit
from sandbox.discord.permissions import Permission
from tests.e2e.asking import CURSOR, buttons, model_says, said, was_whole
from tests.e2e.cards import eventually, labels, posted_in, private_answer, says, someone, sql
from tests.e2e.configuring import config
from tests.e2e.talking import a_talk, answer_of, answers_to, asked_of, mention, reaction_to, reply_of, silence, slowly
from tests.e2e.test_chats import told as known
from tests.words import en, zh

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_answer_is_a_reply_without_ping_that_grows(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    slowly(stage)
    with stage.world.observers.subscribe() as changes:
        message = await mention(stage, dora, channel, "Why do foxes have white tail tips?")
        answer = await answer_of(stage, message)
        seen = [changes.get_nowait() for _ in range(changes.qsize())]
    assert answer.reference is message
    assert not answer.pinged
    assert answer.interaction is None
    assert asked_of(stage) == "Why do foxes have white tail tips?"
    bot = stage.world.application.bot
    assert any(change.kind == "typing" and change.user is bot for change in seen), "it is typing while it waits"
    first = answer.versions[0]
    assert said(first), "what is posted has words in it"
    assert CURSOR in first.text
    assert buttons(first) == [en("button.stop")]
    assert len(answer.versions) > 1
    assert said(answer).startswith(said(first)[:10])
    # It stands in a bucket that all in the channel share.
    assert stage.discord.limits.served_429 == 0


async def test_where_the_bot_may_not_reply_its_answer_stands_by_itself(stage: Stage) -> None:
    dora, channel = await a_talk(stage, prices="ask=10", daily_credits="100", confirm_above="9")
    stage.world.overwrite(channel, stage.world.application.bot, deny=Permission.READ_MESSAGE_HISTORY)
    message = await mention(stage, dora, channel, "Why do foxes sleep?")

    def bots() -> list[Message]:
        return [each for each in channel.messages.values() if each.author.bot and each.id > message.id]

    await stage.world.wait_until(lambda _: bool(bots()), 5)
    assert labels(bots()[0]) == [en("button.order", credits=en("card.credits", count=10))]
    await dora.press(bots()[0])
    await stage.world.wait_until(lambda _: was_whole(bots()[-1]) and CURSOR not in bots()[-1].text, 10)
    assert not answers_to(message)
    assert f"-# <@{dora.id}>" in bots()[-1].text, "whose question it answers"
    assert not bots()[-1].pinged
    await config(dora, channel, "set", setting="blocked_words", value="badger")
    stage.world.overwrite(
        channel, stage.world.application.bot, deny=Permission.READ_MESSAGE_HISTORY | Permission.ADD_REACTIONS
    )
    await mention(stage, dora, channel, "What is a badger?")
    await stage.world.wait_until(lambda _: "badger" in bots()[-1].text, 5)


async def test_off_until_a_manager_chooses(stage: Stage) -> None:
    dora, channel = await a_talk(stage, mentions="off")
    assert await silence(await mention(stage, dora, channel, "Why?"))
    await config(dora, channel, "set", setting="mentions", value="on")
    assert was_whole(await answer_of(stage, await mention(stage, dora, channel, "Why?")))


async def test_what_never_counts(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    world, guild = stage.world, stage.world.guild_of(channel)
    assert guild is not None
    bot = world.application.bot
    answered = await answer_of(stage, await mention(stage, dora, channel, "Why?"))
    role = next(each for each in guild.roles.values() if each.name == world.application.name)
    webhook = world.user("webhook")
    webhook.bot = True
    from sandbox.discord.state import Draft  # noqa: PLC0415

    said_by = [
        await dora.say(channel, "nothing to anybody"),
        await dora.say(channel, "@everyone look"),
        await dora.say(channel, f"<@&{role.id}> look"),
        await dora.say(channel, f"`{bot.mention}` is how to write it"),
        await dora.reply_to(answered, "thanks", ping=False),
        world.create_message(channel, webhook, Draft(content=f"{bot.mention} hello")),
    ]
    assert await silence(*said_by)


async def test_a_message_that_comes_twice_is_answered_once(new_stage: NewStage) -> None:
    stage = await new_stage()
    dora, channel = await a_talk(stage)
    slowly(stage)
    message = await mention(stage, dora, channel, "Why?")
    stage.world.announce_again(message)
    await answer_of(stage, message)
    stage.world.announce_again(message)
    await stage.restart()
    stage.world.announce_again(message)
    assert await silence(await dora.say(channel, "…"))
    assert len(answers_to(message)) == 1
    assert len(stage.api.requests.of("chat")) == 1


async def test_who_may_not_use_commands_there_is_left_in_silence(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    guild = stage.world.guild_of(channel)
    assert guild is not None
    carol = someone(stage, at=channel)
    stage.world.overwrite(channel, carol.user, deny=Permission.USE_APPLICATION_COMMANDS)
    assert await silence(await mention(stage, carol, channel, "Why?"))
    frank = someone(stage, "frank", at=channel)
    stage.world.restrict(guild, frank.user, "ask", allow=False)
    assert await silence(await mention(stage, frank, channel, "Why?"))
    role = stage.world.role(guild, "Askers")
    await config(dora, channel, "set", setting="roles", value=f"<@&{role.id}>")
    erin = someone(stage, "erin", at=channel)
    assert await silence(await mention(stage, erin, channel, "Why?"))
    stage.world.give_role(guild, erin.user, role)
    assert was_whole(await answer_of(stage, await mention(stage, erin, channel, "Why?")))
    await config(dora, channel, "set", setting="commands", value="imagine")
    assert await silence(await mention(stage, erin, channel, "Why?"))


async def test_any_other_refusal_is_one_reaction(stage: Stage) -> None:
    dora, channel = await a_talk(stage, blocked_words="badger")
    message = await mention(stage, dora, channel, "What is a badger?")
    assert await reaction_to(stage, message) == REACTION
    assert await silence(await dora.say(channel, "…"))
    assert not answers_to(message)
    # Where it may not react, or enough have, a short reply says why.
    stage.discord.faults.status(f"PUT /channels/{channel.id}/messages/*", 400, code=30010)
    assert "badger" in (await reply_of(stage, await mention(stage, dora, channel, "What is a badger?"))).text
    stage.world.overwrite(channel, stage.world.application.bot, deny=Permission.ADD_REACTIONS)
    told = await reply_of(stage, await mention(stage, dora, channel, "What is a badger?"))
    assert "badger" in told.text
    assert not told.pinged


async def test_a_price_is_asked_about_in_words(stage: Stage) -> None:
    dora, channel = await a_talk(stage, prices="ask=10", daily_credits="100", confirm_above="9")
    message = await mention(stage, dora, channel, "Why do foxes sleep?")
    question = await reply_of(stage, message)
    price = en("confirm.price", credits=en("card.credits", count=10))
    assert question.text.startswith(price)
    assert not question.pinged
    assert labels(question) == [en("button.order", credits=en("card.credits", count=10))]
    carol = someone(stage, at=channel)
    assert await private_answer(await carol.press(question)) == en("ask.asker_only")
    await dora.press(question)
    await stage.world.wait_until(lambda _: question.deleted, 5)
    answer = await answer_of(stage, message)
    assert was_whole(answer)
    assert en("card.credits", count=10) in answer.text
    assert asked_of(stage) == "Why do foxes sleep?"
    assert len(answers_to(message)) == 1


async def test_a_long_answer_where_no_file_may_be_attached(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    dora, channel = await a_talk(stage)
    stage.world.overwrite(channel, stage.world.application.bot, deny=Permission.ATTACH_FILES)
    whole = "\n\n".join(f"**Paragraph {number}.** " + "many words " * 40 for number in range(130)).strip()
    model_says(monkeypatch, whole)
    limit = Limit(50, 1.5, "channel")
    limits = stage.discord.limits.groups | {"message.post": limit, "message.patch": limit}
    monkeypatch.setattr(stage.discord.limits, "groups", limits)
    message = await mention(stage, dora, channel, "A book [rate:50000]")

    def sent() -> list[Message]:
        return [each for each in posted_in(channel) if each.id > message.id]

    await stage.world.wait_until(lambda _: bool(sent()) and was_whole(sent()[-1]), 30)
    assert sent()[0].reference is message
    assert len(sent()) == 12
    assert not any(each.attachments for each in sent())
    # At the end of a message a space is none.
    together = "".join("".join(said(each) for each in sent()).split())
    assert "".join(whole.split()).startswith(together)
    left = int(re.sub(r"[^0-9]", "", sent()[-1].text.rpartition("\n-# ")[2].partition("·")[0]))
    assert abs(len("".join(whole.split())) - len(together) - left) < left // 4


async def test_remove_on_the_answer_and_on_one_s_own_message(stage: Stage) -> None:
    _, channel = await a_talk(stage)
    carol, erin = someone(stage, at=channel), someone(stage, "erin", at=channel)
    first, second = [await mention(stage, carol, channel, f"Secret {number}") for number in (1, 2)]
    answers = [await answer_of(stage, each) for each in (first, second)]
    name = en("command.remove")
    assert await private_answer(await erin.message_command(answers[0], name)) == en("remove.not_yours")
    assert await private_answer(await erin.message_command(first, name)) == en("remove.not_yours")
    assert await private_answer(await carol.message_command(await carol.say(channel, "…"), name)) == en(
        "remove.not_mine"
    )
    await (await carol.message_command(answers[0], name)).until(says(en("remove.done")))
    await (await carol.message_command(second, name)).until(says(en("remove.done_asked")))
    assert all(each.deleted for each in answers)
    assert sql(stage, "SELECT 1 FROM turns WHERE person_id = ?", carol.id) == []
    # One that grows is ended first.
    slowly(stage)
    third = await mention(stage, carol, channel, "Secret 3")
    growing = await reply_of(stage, third)
    await (await carol.message_command(third, name)).until(says(en("remove.done_asked")))
    assert growing.deleted


async def test_one_open_answer_a_person_and_channel(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    slowly(stage)
    first = await mention(stage, dora, channel, "The first one")
    second = await mention(stage, dora, channel, "The second one")
    other = someone(stage, at=channel)
    third = await mention(stage, other, channel, "Somebody else's")
    await answer_of(stage, third)
    assert not answers_to(second), "it waits for the first"
    await answer_of(stage, second)
    done = max(version.at for version in answers_to(first)[0].versions)
    assert answers_to(second)[0].versions[0].at >= done


async def test_a_file_goes_along(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    message = await mention(stage, dora, channel, "What is in it?", Upload("notes.txt", b"the fox sleeps"))
    await answer_of(stage, message)
    assert "the fox sleeps" in asked_of(stage)


async def test_what_it_replies_to_is_asked_about_where_it_can_be_read(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    carol = someone(stage, at=channel, locale="zh-CN")
    hidden = await carol.say(channel, "a secret of carol's")
    bot = stage.world.application.bot
    message = await dora.reply_to(hidden, f"{bot.mention} what does this mean?")
    answer = await answer_of(stage, message)
    assert "secret" not in asked_of(stage)
    assert en("ask.cant_read") in answer.text
    chinese = await carol.reply_to(hidden, f"{bot.mention} 这是什么意思？")
    assert zh("ask.cant_read") in (await answer_of(stage, chinese)).text


async def test_stop_and_who_may(stage: Stage) -> None:
    _, channel = await a_talk(stage)
    carol = someone(stage, at=channel)
    slowly(stage)
    message = await mention(stage, carol, channel, "A long one")
    growing = await reply_of(stage, message)
    erin = someone(stage, "erin", at=channel)
    refused = await erin.press(growing, label=en("button.stop"))
    assert (await refused.message()).text == en("error.not_your_stop")
    await carol.press(growing, label=en("button.stop"))
    await stage.world.wait_until(lambda _: CURSOR not in growing.text, 5)
    assert f"<@{carol.id}>" in growing.text


async def test_killed_in_the_middle_of_it(new_stage: NewStage) -> None:
    stage = await new_stage()
    dora, channel = await a_talk(stage)
    carol = someone(stage, at=channel)
    slowly(stage)
    grows = await mention(stage, dora, channel, "A long one")
    growing = await reply_of(stage, grows)
    # Nothing stands of the other one yet.
    stage.api.next("chat", first_token=30.0)
    waits = await mention(stage, carol, channel, "Not begun")
    await asyncio.sleep(0.5)
    assert not answers_to(waits)
    await stage.kill()
    await stage.start()
    await stage.world.wait_until(lambda _: CURSOR not in growing.text, 10)
    assert en("ask.interrupted") in growing.text
    told = await reply_of(stage, waits)
    assert en("ask.interrupted") in told.text
    assert buttons(told.versions[-1]) == [en("button.retry")]
    # What it says so in goes on, too, and the question is known.
    await eventually(lambda: sql(stage, "SELECT 1 FROM turn_messages WHERE message_id = ?", told.id) != [])
    await answer_of(stage, await carol.reply_to(told, "Once more"))
    assert known(stage)[-2:] == ["Not begun", "Once more"]
