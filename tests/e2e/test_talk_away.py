"""What was written while the bot was away, answers that were cut, and talks on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.connecting import NOT_GRANTED
from sandbox.discord import payloads
from sandbox.discord.models import MESSAGE_CONTENT
from tests.e2e.asking import WITHIN, ask, first_text, said, was_whole
from tests.e2e.cards import eventually, labels, someone, sql
from tests.e2e.talking import a_talk, answer_of, answers_to, mention, silence
from tests.e2e.test_chats import open_chat, told
from tests.words import en

if TYPE_CHECKING:
    from sandbox.discord.models import Application
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_was_written_meanwhile_is_answered_once(new_stage: NewStage) -> None:
    stage = await new_stage()
    dora, channel = await a_talk(stage)
    carol = someone(stage, at=channel)
    dm = carol.dm()
    thread = await open_chat(stage, dora, channel)
    before = await carol.say(dm, "My fox is called Rusty")
    await answer_of(stage, before)
    quiet = stage.world.text_channel(stage.world.guilds[channel.guild_id or 0], "quiet")
    earlier = await mention(stage, carol, channel, "Here, too")
    answered = await answer_of(stage, earlier)
    await stage.stop()
    meanwhile = [await carol.say(dm, "What is its name?"), await carol.say(dm, "And of what colour?")]
    named = await mention(stage, dora, thread, "And in the thread?")
    unheard = [await carol.say(thread, "to nobody"), await mention(stage, dora, quiet, "Where nobody asked anything")]
    channels = [await mention(stage, carol, channel, "In a channel"), await carol.reply_to(answered, "And a reply?")]
    unheard += [await carol.say(channel, "to nobody, too"), await carol.reply_to(answered, "Thanks", ping=False)]
    await stage.start()
    for each in (*meanwhile, named, *channels):
        assert was_whole(await answer_of(stage, each, within=WITHIN * 2))
    assert {"My fox is called Rusty", "What is its name?"} <= {
        request.prompt for request in stage.api.requests.of("chat")
    }
    await stage.restart()
    # A session that can't be resumed is one more chance to miss something, or to answer it twice.
    stage.discord.gateway.invalidate()
    await stage.discord.gateway.wait_ready()
    assert await silence(*unheard, seconds=3.0)
    assert [len(answers_to(each)) for each in (before, earlier, *meanwhile, named, *channels)] == [1] * 7
    assert len(stage.api.requests.of("chat")) == 7


@pytest.mark.parametrize("killed", [False, True])
async def test_what_a_restart_cut_is_gone_on_with(new_stage: NewStage, killed: bool) -> None:
    stage = await new_stage()
    stage.api.next("chat", reply="One two three four five six seven eight", words_per_second=4.0)
    use = await ask(stage, "Count to eight.")
    card = await first_text(use)
    await stage.world.wait_until(lambda _: "four" in said(card), WITHIN)
    assert "four" in str(sql(stage, "SELECT answer FROM turns"))
    await (stage.kill() if killed else stage.stop(within=15))
    await stage.start()
    await eventually(lambda: labels(card)[:2] == [en("button.retry"), en("button.go_on")], within=WITHIN)
    came = said(card)
    stage.api.next("chat", reply="three four five six seven eight" if "five" not in came else "five six seven eight")
    await stage.person("alice").press(card, label=en("button.go_on"))
    await stage.world.wait_until(lambda _: was_whole(card), WITHIN)
    assert said(card) == "One two three four five six seven eight"
    assert told(stage)[0] == "Count to eight."
    assert en("ask.interrupted") not in card.text
    assert len(use.messages) == 1


def claimed(application: Application) -> int:
    """That messages' text is granted, whatever is."""
    del application
    return (1 << 18) | (1 << 19)


@pytest.mark.parametrize("claims", [False, True], ids=["not granted", "granted, and refused"])
async def test_without_the_text_of_messages_where_discord_refuses_it(
    new_stage: NewStage, monkeypatch: pytest.MonkeyPatch, claims: bool
) -> None:
    """What the application's flags say, or, where these say otherwise, the gateway's 4014."""
    if claims:
        monkeypatch.setattr(payloads, "application_flags", claimed)
    stage = await new_stage(environment={"MESSAGE_CONTENT": "true"})
    assert not stage.world.application.intents & MESSAGE_CONTENT
    assert NOT_GRANTED in stage.bot.log.read_text()
    dora, channel = await a_talk(stage)
    assert was_whole(await answer_of(stage, await mention(stage, dora, channel, "Why?")))


async def test_what_stood_in_a_thread_is_gone_with_it(stage: Stage) -> None:
    dora, channel = await a_talk(stage)
    first, second = await open_chat(stage, dora, channel), await open_chat(stage, dora, channel)
    for where in (first, second, channel):
        await answer_of(stage, await mention(stage, dora, where, "My fox is called Rusty"))

    def kept() -> set[int]:
        return {where for (where,) in sql(stage, "SELECT channel_id FROM turns WHERE guild_id = ?", channel.guild_id)}

    assert kept() == {first.id, second.id, channel.id}
    stage.world.delete_channel(first)
    await eventually(lambda: kept() == {second.id, channel.id})
    # Of the threads of a channel that goes Discord says nothing.
    stage.world.delete_channel(channel)
    await eventually(lambda: kept() == set())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_talks_on_postgresql(new_stage: NewStage, database: dict[str, str]) -> None:
    stage = await new_stage(environment=database)
    dora, channel = await a_talk(stage)
    carol = someone(stage, at=channel)
    first = await answer_of(stage, await mention(stage, dora, channel, "My fox is called Rusty"))
    answer = await answer_of(stage, await carol.reply_to(first, "What is its name?"))
    assert "Rusty" in told(stage)[0]
    thread = await open_chat(stage, dora, channel, topic="Foxes")
    await answer_of(stage, await mention(stage, dora, thread, "Mine is Ruby"))
    dm = carol.dm()
    await answer_of(stage, await carol.say(dm, "Mine is Rex"))
    await stage.kill()
    await stage.start()
    await answer_of(stage, await dora.reply_to(answer, "Of what colour?"))
    assert ["Rusty" in told(stage)[0], len(told(stage))] == [True, 5]
    await answer_of(stage, await mention(stage, dora, thread, "Of what colour?"))
    assert [told(stage)[0], len(told(stage))] == ["Mine is Ruby", 3]
    second = await answer_of(stage, await carol.say(dm, "Of what colour?"))
    assert [told(stage)[0], len(told(stage))] == ["Mine is Rex", 3]
    await (await carol.press(second, label=en("button.new_topic"))).message()
    await answer_of(stage, await carol.say(dm, "And now?"))
    assert told(stage) == ["And now?"]
    await dora.delete(first)
    await eventually(lambda: first.deleted)

    async def is_forgotten() -> bool:
        await answer_of(stage, await dora.reply_to(answer, "Still there?"))
        return not any("Rusty" in each for each in told(stage))

    assert await is_forgotten() or await is_forgotten()
