"""Votes: one a person and card, counted live, for ever; fifty at once are a few edits."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cards import (
    at_rest,
    change,
    eventually,
    files,
    has_pictures,
    labels,
    paint,
    private_answer,
    said,
    says,
    server,
    someone,
)
from tests.e2e.picturing import PATIENCE, act, painted, studio
from tests.words import en, piece

if TYPE_CHECKING:
    from sandbox.discord.models import Message
    from sandbox.discord.people import Person
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOT_ENVIRONMENT = {"ALLOW_USER_INSTALL": "true"}
GONE = en("error.gone")


def name(card: Message, number: int) -> str:
    """The custom_id of a vote button, whatever stands on it."""
    return next(str(each["custom_id"]) for each in card.buttons() if str(each["custom_id"]).endswith(f":vote:{number}"))


async def vote(who: Person, card: Message, number: int) -> None:
    await (await who.press(card, custom_id=name(card, number))).acknowledged()


def counts(card: Message) -> list[str]:
    return [label for label in labels(card) if label.startswith((en("button.vote"), en("button.like")))]


async def shows(card: Message, *expected: str) -> None:
    await eventually(lambda: counts(card) == list(expected), within=PATIENCE)


async def test_one_vote_a_person_which_may_be_changed(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "Which one", count=3)
    before = said(card)
    await vote(dave, card, 2)
    await shows(card, "Vote 1", "Vote 2 · 1", "Vote 3")
    await vote(carol, card, 2)
    await shows(card, "Vote 1", "Vote 2 · 2", "Vote 3")
    await vote(carol, card, 2)
    await vote(dave, card, 3)
    await shows(card, "Vote 1", "Vote 2 · 1", "Vote 3 · 1")
    # Nothing else of the card changes, and no picture of it is lost.
    assert said(card) == before
    assert len(files(card, "image")) == len(card.attachments) == 3


async def test_a_vote_of_a_picture_that_was_made_smaller_keeps_its_link(stage: Stage) -> None:
    channel = server(stage)
    use, card = await paint(someone(stage, at=channel), channel, "A fox [bytes:11534336]")
    await use.until(has_pictures(1))
    before = said(card)
    assert piece("card.made_smaller") in before
    await vote(someone(stage, "dave", at=channel), card, 1)
    await shows(card, "Like · 1")
    assert said(card) == before


async def test_fifty_at_once_are_a_few_edits_and_none_is_lost(stage: Stage) -> None:
    channel = server(stage)
    card = await painted(someone(stage, at=channel), channel, "Of fifty", count=4)
    guild = stage.world.guild_of(channel)
    assert guild is not None
    crowd = stage.world.crowd(guild, 50)
    versions, refused = len(card.versions), stage.discord.limits.served_429
    names = {number: name(card, number) for number in range(1, 5)}
    began = time.monotonic()
    presses = await asyncio.gather(
        *(each.press(card, custom_id=names[1 + number % 4]) for number, each in enumerate(crowd))
    )
    waits = await asyncio.gather(*(press.acknowledged() for press in presses))
    await shows(card, "Vote 1 · 13", "Vote 2 · 13", "Vote 3 · 12", "Vote 4 · 12")
    assert max(waits) < 3.0
    # One edit at once, then one in each second that the presses took.
    assert len(card.versions) - versions <= 2 + time.monotonic() - began
    assert stage.discord.limits.served_429 == refused
    assert not any(press.followups for press in presses)


async def test_on_a_card_that_was_removed_and_in_chinese(stage: Stage) -> None:
    channel = server(stage)
    ming = someone(stage, "小明", at=channel, locale="zh-CN")
    card = await painted(ming, channel, "投票的狐狸", count=2)
    await vote(ming, card, 1)
    await eventually(lambda: "投票 1 · 1" in labels(card))
    generation = name(card, 1).split(":")[1]
    other = await painted(someone(stage, at=channel), channel, "Another card")
    await (await ming.message_command(card, "移除")).until(says("已移除。"))
    press = await someone(stage, at=channel).forge(other, f"image:{generation}:vote:1")
    assert await private_answer(press) == GONE


async def test_on_a_copy_that_was_delivered_again(stage: Stage) -> None:
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await at_rest(stage, await painted(carol, channel, "Copied", count=2))
    listed = await (await carol.command(channel, "jobs")).message()
    press = await carol.press(listed, label="Deliver again")
    copy = await press.until(has_pictures(2), PATIENCE)
    await vote(dave, card, 1)
    await shows(card, "Vote 1 · 1", "Vote 2")
    await vote(carol, copy, 1)
    await shows(copy, "Vote 1 · 2", "Vote 2")
    assert len(files(copy, "image")) == 2


async def test_where_only_a_press_s_token_reaches_the_card(stage: Stage) -> None:
    """The bot is not in the server: it is one person's own app there, and others press all the same."""
    owner = stage.world.user("somebody")
    guild = stage.world.guild("Without the bot", owner=owner, app_installed=False)
    channel = stage.world.text_channel(guild, "general")
    erin = stage.world.person("erin", guild=guild, app_installed=True)
    frank = stage.world.person("frank", guild=guild)
    card = await painted(erin, channel, "Own picture", count=2)
    await vote(frank, card, 1)
    await shows(card, "Vote 1 · 1", "Vote 2")
    await vote(erin, card, 2)
    await shows(card, "Vote 1 · 1", "Vote 2 · 1")
    assert len(files(card, "image")) == 2


async def test_an_edit_that_fails_is_made_up_for(stage: Stage) -> None:
    channel = server(stage)
    carol = someone(stage, at=channel)
    card = await painted(carol, channel, "A bad minute")
    fault = stage.discord.faults.drop("PATCH /webhooks/*")
    await vote(carol, card, 1)
    await shows(card, "Like · 1")
    assert fault.hits == 1
    # A token that Discord ended: the bot's own does it.
    dave = someone(stage, "dave", at=channel)
    stage.discord.faults.status("PATCH /webhooks/*", 401, code=50027, times=1)
    await vote(dave, card, 1)
    await shows(card, "Like · 2")


async def test_votes_outlive_the_process(new_stage: NewStage) -> None:
    stage = await new_stage()
    channel = server(stage)
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=channel)
    card = await painted(carol, channel, "For ever", count=2)
    await vote(carol, card, 1)
    await stage.restart()
    await vote(dave, card, 1)
    await shows(card, "Vote 1 · 2", "Vote 2")
    # What was still to be shown is, before the process ends.
    await vote(carol, card, 2)
    await stage.stop()
    assert counts(card) == ["Vote 1 · 1", "Vote 2 · 1"]
    # Killed between a vote and its edit, it makes up for that at the next start.
    await stage.start()
    faults = [stage.discord.faults.hold(f"PATCH /{route}/*", times=2) for route in ("webhooks", "channels")]
    await vote(dave, card, 2)
    await eventually(lambda: any(fault.hits for fault in faults))
    await stage.kill()
    stage.discord.faults.clear()
    assert counts(card) == ["Vote 1 · 1", "Vote 2 · 1"]
    await stage.start()
    await shows(card, "Vote 1", "Vote 2 · 2")
    assert len(files(card, "image")) == 2
    await stage.stop()
    # A card from before it was noted what it shows.
    change(stage, "UPDATE results SET attachment = NULL, form = NULL")
    await stage.start()
    await vote(dave, card, 1)
    await shows(card, "Vote 1 · 1", "Vote 2 · 1")
    assert len(files(card, "image")) == 2


async def test_on_postgresql(new_stage: NewStage, postgresql_url: str) -> None:
    stage = await new_stage(environment={"DATABASE_URL": postgresql_url})
    channel = await studio(stage)
    guild = stage.world.guild_of(channel)
    assert guild is not None
    crowd = stage.world.crowd(guild, 20)
    card = await painted(crowd[0], channel, "For twenty", count=2)
    names = [name(card, number) for number in (1, 2)]
    await asyncio.gather(*(each.press(card, custom_id=names[number % 2]) for number, each in enumerate(crowd)))
    await shows(card, "Vote 1 · 10", "Vote 2 · 10")
    presses = await asyncio.gather(*(act(each, card, "Upscale 1") for each in crowd[:5]))
    for press in presses:
        await press.until(lambda message: has_pictures(1)(message) or message.ephemeral, PATIENCE)
    assert len(stage.api.requests.of("edits")) == 1
