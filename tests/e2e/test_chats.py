"""Talks that begin with a message: replies, threads of /chat, direct messages; what is remembered, and what goes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from sandbox.discord.models import ANNOUNCEMENT_THREAD, MESSAGE_CONTENT
from sandbox.discord.permissions import Permission
from tests.e2e.asking import end_of
from tests.e2e.cards import eventually, labels, private_answer, server, someone
from tests.e2e.configuring import config
from tests.e2e.talking import a_talk, answer_of, answers_to, mention, reply_of, silence, slowly
from tests.e2e.test_personas import made
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


def told(stage: Stage) -> list[str]:
    """All that the model was told last."""
    messages = cast("list[dict[str, Any]]", stage.api.requests.of("chat")[-1].json["messages"])
    return [str(each["content"]) for each in messages if each["role"] != "system"]


async def open_chat(stage: Stage, who: Person, at: Channel, **options: object) -> Channel:
    """/chat; the thread that it opens."""
    use = await who.command(at, "chat", **options)
    await use.until(lambda message: "<#" in message.text)
    return next(each for each in reversed(stage.world.channels.values()) if each.parent_id == at.id)


async def with_content(new_stage: NewStage) -> Stage:
    stage = await new_stage(environment={"MESSAGE_CONTENT": "true"}, start=False)
    stage.world.application.intents |= MESSAGE_CONTENT
    await stage.start()
    return stage


async def test_a_reply_with_ping_goes_on(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    first = await answer_of(stage, await mention(stage, dora, channel, "My fox is called Rusty"))
    second = await dora.reply_to(first, "What is its name?")
    answer = await answer_of(stage, second)
    assert told(stage)[0] == "My fox is called Rusty"
    assert told(stage)[-1] == "What is its name?"
    assert len(told(stage)) == 3
    # A reply to the older answer is a branch of its own, and another mention a talk of its own.
    await answer_of(stage, await dora.reply_to(first, "And of what colour?"))
    assert told(stage)[-1] == "And of what colour?"
    assert len(told(stage)) == 3
    await answer_of(stage, await mention(stage, dora, channel, "Something else"))
    assert told(stage) == ["Something else"]
    assert await silence(await dora.reply_to(answer, "just a remark", ping=False))


async def test_what_failed_is_known_to_whoever_replies_to_it(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    stage.api.next("chat", fault="400")
    failed = await reply_of(stage, await mention(stage, dora, channel, "My fox is called Rusty"))
    await answer_of(stage, await dora.reply_to(failed, "Once more, please"))
    assert told(stage) == ["My fox is called Rusty", "Once more, please"]
    # One that the model declined would be declined once more.
    stage.api.next("chat", fault="inspection_400")
    declined = await reply_of(stage, await mention(stage, dora, channel, "Something bad"))
    await answer_of(stage, await dora.reply_to(declined, "Something good"))
    assert told(stage) == ["Something good"]


async def test_a_retried_mention_shows_its_question(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    stage.api.next("chat", fault="500")
    message = await mention(stage, dora, channel, "Why do foxs sleep?")
    failed = await reply_of(stage, message)
    await eventually(lambda: en("button.retry") in labels(failed))
    again = await end_of(await dora.press(failed, label=en("button.retry")))
    assert again.text.startswith(f"-# {en('ask.asked_by', who=f'<@{dora.id}>')}\n> Why do foxs sleep?")
    # It is still that message that asked.
    await dora.edit(message, message.content.replace("foxs", "foxes"))
    opened = await dora.press(again, label=en("button.regenerate"))
    await opened.form()
    await dora.submit(opened)
    await eventually(lambda: told(stage)[-1] == "Why do foxes sleep?")


async def test_others_go_on_and_are_named(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    carol = someone(stage, at=channel)
    first = await answer_of(stage, await mention(stage, dora, channel, "I like foxes"))
    await answer_of(stage, await carol.reply_to(first, "I like wolves"))
    assert "dora" in told(stage)[0]
    assert "carol" in told(stage)[-1]


async def test_a_reply_to_a_command_s_answer_is_asked_to_name_the_bot(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    answer = await end_of(await dora.command(channel, "ask", prompt="A fox"))
    message = await dora.reply_to(answer, "and a wolf?")
    await stage.world.wait_until(lambda _: bool(message.reactions or answers_to(message)), 5)
    bot = stage.world.application.bot
    await answer_of(stage, await dora.reply_to(answer, f"{bot.mention} and a wolf?"))
    assert told(stage)[0] == "A fox"
    assert told(stage)[-1] == "and a wolf?"


async def test_chat_opens_a_thread_and_adds_who_asked(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    thread = await open_chat(stage, carol, channel, topic="Foxes in winter")
    assert thread.name == "Foxes in winter"
    assert carol.id in thread.joined
    hello = next(each for each in thread.messages.values() if each.author.bot and not each.system)
    bot = stage.world.application.bot
    assert hello.text == en("chat.hello_mention", me=bot.mention)
    # There nobody had to switch mentions on. Replies go on, and so does a mention: the thread is one talk.
    first = await answer_of(stage, await mention(stage, carol, thread, "My fox is called Rusty"))
    assert await silence(await carol.say(thread, "to nobody"))
    await answer_of(stage, await carol.reply_to(first, "What is its name?"))
    await answer_of(stage, await mention(stage, carol, thread, "Say it once more"))
    assert [told(stage)[number] for number in (0, 2, 4)] == [
        "My fox is called Rusty",
        "What is its name?",
        "Say it once more",
    ]
    await answer_of(stage, await carol.reply_to(hello, "Hello"))


async def test_who_may_open_chats_and_how_many(stage: Stage) -> None:
    channel = server(stage)
    dora = someone(stage, "dora", at=channel, permissions=int(Permission.ADMINISTRATOR))
    carol = someone(stage, at=channel)
    stage.world.overwrite(channel, carol.user, deny=Permission.CREATE_PUBLIC_THREADS)
    assert await private_answer(await carol.command(channel, "chat")) == en("chat.not_yours")
    await config(dora, channel, "set", setting="blocked_words", value="badger")
    assert "badger" in await private_answer(await dora.command(channel, "chat", topic="All badgers"))
    threads = [await open_chat(stage, dora, channel) for _ in range(3)]
    said = await private_answer(await dora.command(channel, "chat"))
    assert all(f"<#{thread.id}>" in said for thread in threads)
    assert await private_answer(await dora.command(threads[0], "chat")) == en("chat.not_here")
    # What comes of an announcement channel is a thread of another type.
    news = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "news", announcement=True)
    eve = someone(stage, "eve", at=channel, permissions=int(Permission.ADMINISTRATOR))
    assert (await open_chat(stage, eve, news)).type == ANNOUNCEMENT_THREAD
    stage.world.rules.active_threads = 0
    full = await (await eve.command(channel, "chat")).until(lambda message: en("chat.too_many_threads") in message.text)
    stage.world.rules.active_threads = 1000
    assert full.ephemeral


async def test_with_the_text_of_messages_every_one_is_a_turn(new_stage: NewStage) -> None:
    stage = await with_content(new_stage)
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    thread = await open_chat(stage, carol, channel)
    hello = next(each for each in thread.messages.values() if each.author.bot and not each.system)
    assert hello.text == en("chat.hello")
    await answer_of(stage, await carol.say(thread, "My fox is called Rusty"))
    await stage.restart()
    await answer_of(stage, await carol.say(thread, "What is its name?"))
    assert told(stage)[0] == "My fox is called Rusty"
    assert await silence(await carol.say(channel, "outside of it"))
    # Once a second one writes, only what names the bot is for it; that is said once.
    assert await silence(await dave.say(thread, "hi carol"))
    assert await silence(await carol.say(thread, "hi dave"))
    assert [each.text for each in thread.messages.values()].count(en("chat.several")) == 1
    last = await answer_of(stage, await mention(stage, dave, thread, "Whose fox?"))
    await answer_of(stage, await carol.reply_to(last, "Mine"))
    dora = someone(stage, "dora", at=channel, permissions=int(Permission.ADMINISTRATOR))
    await config(dora, channel, "set", setting="threads", value="always")
    await answer_of(stage, await dave.say(thread, "Whose?"))


async def test_what_anybody_wrote_can_be_asked_about_with_it(new_stage: NewStage) -> None:
    stage = await with_content(new_stage)
    dora, channel = await a_talk(stage)
    carol = someone(stage, at=channel)
    posted = await carol.say(channel, "Rusty is a fox")
    bot = stage.world.application.bot
    await answer_of(stage, await dora.reply_to(posted, f"{bot.mention} what is Rusty?"))
    assert "Rusty is a fox" in told(stage)[-1]
    assert "carol" in told(stage)[-1]
    # What has happened since, for who was away: always private.
    await dora.say(channel, "Rusty ran away")
    use = await dora.message_command(posted, en("command.catch_up"))
    caught = await end_of(use)
    assert caught.visible_to == dora.id
    assert "Rusty is a fox" in told(stage)[-1]
    assert "Rusty ran away" in told(stage)[-1]
    # Direct messages are theirs to read, though Discord reckons no permission to there.
    first = await carol.say(carol.dm(), "Rusty is back")
    await answer_of(stage, first)
    await end_of(await carol.message_command(first, en("command.catch_up")))
    assert "Rusty is back" in told(stage)[-1]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_direct_messages_are_one_talk_until_a_new_topic(stage: Stage, locale: str) -> None:
    carol = someone(stage, locale=locale)
    dm = carol.dm()
    await answer_of(stage, await carol.say(dm, "My fox is called Rusty"))
    second = await answer_of(stage, await carol.say(dm, "What is its name?"))
    assert told(stage)[0] == "My fox is called Rusty"
    use = await carol.press(second, label=en("button.new_topic"))
    await use.message()
    await answer_of(stage, await carol.say(dm, "And now?"))
    assert told(stage) == ["And now?"]
    await answer_of(stage, await carol.reply_to(second, "Back to that", ping=False))
    assert told(stage)[0] == "My fox is called Rusty"


async def test_a_deleted_question_goes_with_its_answer(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    message = await mention(stage, dora, channel, "My fox is called Rusty")
    first = await answer_of(stage, message)
    second = await answer_of(stage, await dora.reply_to(first, "And mine is Ruby"))
    await dora.delete(message)
    await stage.world.wait_until(lambda _: first.deleted, 5)
    await answer_of(stage, await dora.reply_to(second, "Which foxes?"))
    assert not any("Rusty" in each for each in told(stage))
    assert any("Ruby" in each for each in told(stage))
    # Many at once, and one whose answer still grows.
    slowly(stage)
    growing = await mention(stage, dora, channel, "A long one")
    answer = await reply_of(stage, growing)
    other = await mention(stage, someone(stage, at=channel), channel, "Another")
    done = await answer_of(stage, other)
    await dora.purge(channel, growing, other)
    await stage.world.wait_until(lambda _: answer.deleted and done.deleted, 5)


async def test_an_edited_question_is_taken_by_regenerate(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    message = await mention(stage, dora, channel, "Why do foxs sleep?")
    answer = await answer_of(stage, message)
    await dora.edit(message, message.content.replace("foxs", "foxes"))
    asked = len(stage.api.requests.of("chat"))
    opened = await dora.press(answer, label=en("button.regenerate"))
    await opened.form()
    await dora.submit(opened)
    await stage.world.wait_until(lambda _: len(stage.api.requests.of("chat")) > asked, 5)
    assert told(stage)[-1] == "Why do foxes sleep?"


async def test_so_many_chats_however_quickly_they_are_opened(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    uses = await asyncio.gather(*(carol.command(channel, "chat", topic=f"Talk {number}") for number in range(8)))
    for use in uses:
        await use.until(lambda message: not message.loading)
    assert len([each for each in stage.world.channels.values() if each.parent_id == channel.id]) == 3


async def test_a_chat_goes_on_when_its_persona_is_gone(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    await made(dora, channel, name="Sailor", instructions="Talk like a sailor.")
    thread = await open_chat(stage, dora, channel, persona="Sailor")
    await config(dora, channel, "reset", setting="personas", scope="server")
    assert await answer_of(stage, await mention(stage, dora, thread, "Hello"))
    assert told(stage) == ["Hello"]


async def test_where_each_has_their_own_a_thread_goes_on_with_ones_own(stage: Stage) -> None:
    dora, channel = await a_talk(stage, conversations="own")
    carol = someone(stage, at=channel)
    thread = await open_chat(stage, dora, channel)
    await answer_of(stage, await mention(stage, dora, thread, "My fox is called Rusty"))
    await answer_of(stage, await mention(stage, carol, thread, "I like wolves"))
    assert told(stage) == ["I like wolves"]
    await answer_of(stage, await mention(stage, dora, thread, "What is its name?"))
    assert told(stage)[::2] == ["My fox is called Rusty", "What is its name?"]
