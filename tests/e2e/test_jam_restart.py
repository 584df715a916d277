"""The bot's process is killed at any step of a jam and started again: the jam goes on, and nothing stands twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from sandbox.discord.permissions import Permission
from sandbox.onekey import Plan
from tests.e2e.cards import eventually, files, labels, server, someone, sql
from tests.e2e.jamming import TAKEN, WITHIN, Jam, start, vote
from tests.e2e.talking import mention, reaction_to
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.discord.faults import Fault
    from sandbox.discord.models import Channel, Message
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

THREADS = "POST /channels/*/messages/*/threads"
POSTS = "POST /channels/{}/messages"


@pytest_asyncio.fixture(loop_scope="module")
async def stage(database: dict[str, str], new_stage: NewStage) -> Stage:
    return await new_stage(environment=database)


both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


async def again(stage: Stage) -> None:
    """The process is gone between two instructions, and a new one begins."""
    await stage.kill()
    stage.discord.faults.clear()
    await stage.start()


async def reached(fault: Fault) -> None:
    async with asyncio.timeout(WITHIN):
        await fault.reached.wait()


async def reviewed(stage: Stage) -> Jam:
    jam = await start(stage, reviewed=True)
    await jam.idea(someone(stage, "bob", at=jam.channel), "a dragon on the roof")
    await jam.until("dragon")
    await jam.review()
    return jam


async def test_ideas_that_were_written_while_the_bot_was_away_are_taken(stage: Stage) -> None:
    jam = await start(stage)
    bob, carol = (someone(stage, name, at=jam.channel) for name in ("bob", "carol"))
    before = await bob.reply_to(jam.card, "a dragon")
    assert await reaction_to(stage, before) == TAKEN
    await stage.stop()
    reply = await bob.reply_to(jam.card, "a red flag")
    named = await mention(stage, carol, jam.thread, "a full moon")
    chatter = await carol.say(jam.thread, "what a nice dragon")
    await stage.start()
    assert [await reaction_to(stage, each) for each in (reply, named)] == [TAKEN, TAKEN]
    await jam.until("a red flag")
    await jam.until("a full moon")
    assert not chatter.reactions
    assert sql(stage, "SELECT count(*) FROM jam_ideas") == [(3,)], "each once"
    assert stage.api.requests.of("chat") == []


def threads_of(stage: Stage, channel: Channel) -> list[Channel]:
    return [each for each in stage.guild.channels.values() if each.parent_id == channel.id] or [
        each for each in stage.world.channels.values() if each.parent_id == channel.id
    ]


def with_button(where: Channel, label: str) -> list[Message]:
    return [each for each in where.messages.values() if not each.deleted and label in labels(each)]


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["thread", "card"])
async def test_while_it_is_opened(stage: Stage, step: str, applied: bool) -> None:
    """Its word stands; the thread or the card is on its way, or made without the bot having heard of it."""
    channel = server(stage)
    alice = someone(stage, "alice", at=channel)
    route = THREADS if step == "thread" else "POST /channels/*/messages"
    fault = stage.discord.faults.hold(route, applied=applied)
    await alice.command(channel, "jam start", theme="A castle")
    await reached(fault)
    await again(stage)

    await eventually(lambda: len(threads_of(stage, channel)) == 1, within=WITHIN)
    (thread,) = threads_of(stage, channel)
    await eventually(lambda: len(with_button(thread, "Add an idea")) == 1, within=WITHIN)
    (word,) = with_button(channel, "Add an idea")
    await eventually(lambda: f"<#{thread.id}>" in word.text, within=WITHIN)
    card = with_button(thread, "Add an idea")[0]
    opened = await alice.press(card, label="Add an idea")
    await opened.form()
    await alice.submit(opened, {"idea": "a dragon"})
    await eventually(lambda: "a dragon" in card.text, within=WITHIN)
    assert len(with_button(thread, "Add an idea")) == 1


async def test_its_word_stands_unnoted(stage: Stage) -> None:
    """The answer came, and the process ended before it heard of it: the word is found by its button."""
    channel = server(stage)
    alice = someone(stage, "alice", at=channel)
    fault = stage.discord.faults.hold("POST /interactions/*/callback", applied=True)
    await alice.command(channel, "jam start", theme="A castle")
    await reached(fault)
    await eventually(lambda: len(with_button(channel, "Add an idea")) == 1)
    await again(stage)
    await eventually(lambda: len(threads_of(stage, channel)) == 1, within=WITHIN)
    (thread,) = threads_of(stage, channel)
    await eventually(lambda: len(with_button(thread, "Add an idea")) == 1, within=WITHIN)
    (word,) = with_button(channel, "Add an idea")
    await eventually(lambda: f"<#{thread.id}>" in word.text, within=WITHIN)


async def test_its_thread_is_not_allowed_any_more(stage: Stage) -> None:
    """What was begun is given up, and says so."""
    channel = server(stage)
    alice = someone(stage, "alice", at=channel)
    fault = stage.discord.faults.slow(THREADS, 600)
    await alice.command(channel, "jam start", theme="A castle")
    await reached(fault)
    stage.world.overwrite(channel, stage.world.application.bot, deny=Permission.CREATE_PUBLIC_THREADS)
    (word,) = with_button(channel, "Add an idea")
    await again(stage)
    await eventually(lambda: piece("jam.not_opened") in word.text, within=WITHIN)
    assert labels(word) == []
    await eventually(lambda: not sql(stage, "SELECT id FROM jams"), within=WITHIN)


async def test_open_and_in_review(stage: Stage) -> None:
    """Buttons and forms of the process before, the form open across the restart."""
    jam = await start(stage, reviewed=True)
    bob = someone(stage, "bob", at=jam.channel)
    opened = await jam.press(bob, "Add an idea")
    await opened.form()
    await again(stage)
    await bob.submit(opened, {"idea": "a dragon on the roof"})
    await jam.until("a dragon on the roof")
    await jam.review()
    prompt = jam.card.text
    await again(stage)
    assert jam.card.text == prompt
    pictures = await jam.make()
    assert len(files(pictures, "image")) == 4
    assert len(jam.cards) == 1


@both
async def test_while_the_pictures_are_made(stage: Stage) -> None:
    """The one call was broken off: it is not sent again by itself, and the group can send it again."""
    jam = await reviewed(stage)
    stage.api.next("images", delay=30)
    await jam.press(jam.starter, "Make ")
    await stage.api.requests.seen("images")
    await jam.until(piece("jam.making_there"))
    await again(stage)
    await jam.until("decides")
    assert labels(jam.card)[0] == en("button.jam_go", count=4)
    assert len(stage.api.requests.of("images")) == 1
    pictures = await jam.make()
    assert len(files(pictures, "image")) == 4
    assert len(jam.cards) == 1


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
async def test_while_the_next_round_is_posted(stage: Stage, applied: bool) -> None:
    jam = await reviewed(stage)
    await jam.make()
    fault = stage.discord.faults.hold(POSTS.format(jam.thread.id), applied=applied)
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await reached(fault)
    # Longer than Discord remembers what was posted.
    stage.world.rules.nonce_remembered = 0.0
    await again(stage)
    await jam.until(piece("jam.builds_on"), rounds=2)
    await jam.idea(jam.starter, "a moon")
    await jam.until("a moon", rounds=2)
    assert len(jam.cards) == 2
    assert len(jam.reveals) == 1


@pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
async def test_while_the_end_is_posted(stage: Stage, applied: bool) -> None:
    jam = await reviewed(stage)
    pictures = await jam.make()
    await vote(jam.starter, pictures, 3)
    fault = stage.discord.faults.hold(POSTS.format(jam.channel.id), applied=applied)
    await jam.close()
    await jam.press(jam.starter, en("button.jam_end_vote"))
    await reached(fault)
    stage.world.rules.nonce_remembered = 0.0
    await again(stage)
    end = await jam.ended()
    assert [each.filename for each in end.attachments] == ["3.png"]
    assert jam.finals == [end]
    last = [each for each in jam.posted_in(jam.thread) if each.text.startswith(en("jam.over"))]
    assert len(last) == 1


async def test_a_polite_stop(stage: Stage) -> None:
    """What was pressed last is shown before the process ends."""
    jam = await start(stage)
    stage.api.behaviour.images = Plan(delay=0.05)
    await jam.idea(jam.starter, "a dragon")
    await jam.idea(jam.starter, "a moon")
    assert await stage.stop() == 0
    assert "a dragon; a moon" in jam.card.text
