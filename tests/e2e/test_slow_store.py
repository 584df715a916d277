"""A database that takes longer than Discord waits: everything is acknowledged in time, and answered when it can be."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from sandbox.discord.models import SUPPRESS_EMBEDS
from tests import postgresql
from tests.e2e.cards import eventually, has_clip, has_pictures, labels, paint, posted_in, said, says, server, someone
from tests.e2e.configuring import told
from tests.words import en

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONGER = 3.2
"""Seconds: more than Discord waits."""
SEEN = 2.5
"""Until a process has seen that another is to have its shard."""


@asynccontextmanager
async def busy(url: str, table: str) -> AsyncGenerator[None]:
    """Nobody else gets at a table while inside."""
    connection = await postgresql.connect(url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        await transaction.rollback()
        await connection.close()


async def test_what_is_ordered_meanwhile_is_acknowledged_and_answered_after_it(
    new_stage: NewStage, postgresql_url: str
) -> None:
    stage = await new_stage(environment={"DATABASE_URL": postgresql_url})
    channel, discreet = server(stage), server(stage)
    await told(stage.person("alice"), discreet, "set", setting="answers", value="private")
    await told(stage.person("alice"), channel, "set", setting="blocked_words", value="forbidden")
    carol, dave = someone(stage, at=channel), someone(stage, "dave", at=discreet)
    use, card = await paint(carol, channel, "At first")
    await use.until(has_pictures(1))
    form = await carol.command(channel, "imagine")
    await form.form()

    async with busy(postgresql_url, "events"):
        public = await carol.command(channel, "imagine", prompt="In public", shape="128x96")
        private = await carol.command(channel, "video", prompt="In private", shape="320x180", private=True)
        by_setting = await dave.command(discreet, "imagine", prompt="As it is set", shape="128x96")
        refused = await carol.command(channel, "imagine", prompt="What is forbidden")
        asked = await carol.command(channel, "ask", prompt="A question")
        pressed = await carol.press(card, label="Reroll")
        sent = await carol.submit(form, {"prompt": "By a form"})
        uses = [public, private, by_setting, refused, asked, pressed, sent]
        await asyncio.sleep(LONGER)
        assert [await each.acknowledged() < 3.0 for each in uses] == [True] * len(uses)

    for each in (public, pressed, sent):
        shown = await each.until(has_pictures(1))
        assert shown.visible_to is None
        assert shown.flags & SUPPRESS_EMBEDS
    assert (await private.until(has_clip)).visible_to == carol.id
    assert (await by_setting.until(has_pictures(1))).visible_to == dave.id
    await asked.until(says("A question"))
    sentence = await refused.until(lambda message: bool(said(message)) and message.ephemeral)
    assert sentence.visible_to == carol.id
    # The pressed card is as it was, and of what was refused nothing is left that others see.
    assert "At first" in said(card)
    assert has_pictures(1)(card)
    assert posted_in(discreet) == []
    assert not any(message.loading for message in posted_in(channel))
    assert len(posted_in(channel)) == 5


async def test_what_comes_while_a_shard_is_handed_over_is_acknowledged_too(
    new_stage: NewStage, postgresql_url: str
) -> None:
    stage = await new_stage(environment={"DATABASE_URL": postgresql_url, "SHARD_COUNT": "1"})
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "Before")
    await use.until(has_pictures(1))

    connection = await postgresql.connect(postgresql_url)
    joined = (
        "INSERT INTO processes (kind, seen_at) VALUES ('run', extract(epoch FROM clock_timestamp()) + 60) RETURNING id"
    )
    await connection.execute("UPDATE shards SET next_id = $1", await connection.fetchval(joined))
    await connection.close()
    await asyncio.sleep(SEEN)
    async with busy(postgresql_url, "events"):
        uses = [
            await carol.command(channel, "imagine", prompt="Meanwhile", shape="128x96"),
            await carol.press(card, label="Reroll"),
        ]
        await asyncio.sleep(LONGER)
        assert [await each.acknowledged() < 3.0 for each in uses] == [True] * len(uses)
    for each in uses:
        await each.until(has_pictures(1))


async def test_a_form_that_takes_too_long_says_so_and_opens_at_the_next_press(
    new_stage: NewStage, postgresql_url: str
) -> None:
    stage = await new_stage(environment={"DATABASE_URL": postgresql_url})
    channel = server(stage)
    carol = someone(stage, at=channel)
    use, card = await paint(carol, channel, "With a form")
    await use.until(has_pictures(1))

    async with busy(postgresql_url, "generations"):
        slow, vote = await carol.press(card, label="Edit prompt"), await carol.press(card, label=en("button.like"))
        assert await slow.acknowledged() < 3.0
        assert await vote.acknowledged() < 3.0
    assert said(await slow.until(lambda message: message.ephemeral)) == en("error.form_too_late")
    await (await carol.press(card, label="Edit prompt")).form()
    await eventually(lambda: any("1" in each for each in labels(card)))
