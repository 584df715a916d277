"""Answers and a kill: nobody sees more than is kept, and whatever was left of one is found, and brought to its end."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.e2e.asking import CURSOR, WITHIN, ask, end_of, first_text, parts, said, was_whole
from tests.e2e.cards import change, eventually, labels, posted_in, sql
from tests.e2e.talking import a_talk, answer_of, answers_to, mention, reply_of, slowly
from tests.words import en

if TYPE_CHECKING:
    from sandbox.stage import Stage
    from tests.e2e.conftest import NewStage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BUSY = 0.8
"""Seconds in which somebody else writes: less than the bot waits for its store."""


def kept(stage: Stage) -> str:
    """What is kept of the newest answer."""
    return str(sql(stage, "SELECT answer FROM turns ORDER BY id DESC LIMIT 1")[0][0] or "")


async def test_nobody_sees_more_of_an_answer_than_is_kept(stage: Stage) -> None:
    use = await ask(stage, "What is seen is kept [rate:40] [words:120]")
    message = await first_text(use)
    assert kept(stage).startswith(said(message))
    with closing(sqlite3.connect(stage.data_dir / "onekey.db", timeout=5)) as database, database:
        database.execute("BEGIN IMMEDIATE")
        before, versions = said(message), len(message.versions)
        assert kept(stage).startswith(before)
        await asyncio.sleep(BUSY)
        # At most what was kept already, whose edit was on its way.
        assert kept(stage).startswith(said(message))
        assert len(message.versions) <= versions + 1
    await use.until(lambda _: len(said(message)) > len(before), WITHIN)
    whole = await end_of(use)
    assert kept(stage) == said(whole)


async def test_what_was_posted_and_not_noted_any_more_is_found(new_stage: NewStage) -> None:
    stage = await new_stage()
    dora, channel = await a_talk(stage)
    placeholder = await (await ask(stage, "Before its id is known [delay:60]", by="bob")).message()
    long = await ask(stage, "Its second message [rate:400] [words:9000]", by="alice", where="pictures")
    await long.until(lambda each: each is not long.messages[0] and CURSOR in each.text, WITHIN)
    full, second = long.messages
    slowly(stage)
    asked = await mention(stage, dora, channel, "Of a mention")
    growing = await reply_of(stage, asked)
    whole = await end_of(await ask(stage, "It has ended", by="alice"))
    lost = await ask(stage, "Its end was not seen [rate:20] [words:2000]", by="alice")
    cut = await first_text(lost)
    await eventually(lambda: len(sql(stage, "SELECT 1 FROM growing_answers WHERE message_id > 0")) == 4)
    await stage.kill()
    ids = (placeholder.id, growing.id)
    assert change(stage, "UPDATE growing_answers SET message_id = 0 WHERE message_id IN (?, ?)", *ids) == 2
    assert change(stage, "UPDATE growing_answers SET message_id = ? WHERE message_id = ?", full.id, second.id) == 1
    change(stage, "DELETE FROM turn_messages WHERE message_id IN (?, ?, ?)", *ids, second.id)
    about = "application_id, channel_id, token_only, token, token_expires_at, locale"
    key = "(SELECT turn_id FROM turn_messages WHERE message_id = ?)"
    same = f"INSERT INTO growing_answers (key, message_id, original, {about}) SELECT {key}, ?, 0, {about}"
    assert change(stage, f"{same} FROM growing_answers WHERE message_id = ?", whole.id, whole.id, cut.id) == 1
    assert change(stage, f"UPDATE turns SET finish = 'stop' WHERE id = {key}", cut.id) == 1  # noqa: S608
    before = whole.text
    await stage.start()
    for message in (placeholder, second, growing, cut):
        await eventually(lambda message=message: labels(message)[:1] == [en("button.retry")], within=WITHIN)
        assert parts(message)[-1] == f"-# {en('ask.interrupted')}"
        assert CURSOR not in message.text
    assert labels(full) == []
    assert en("ask.interrupted") not in full.text
    assert [whole.text, labels(whole)] == [before, [en("button.reply"), en("button.regenerate")]]
    assert answers_to(asked) == [growing]
    await eventually(lambda: sql(stage, "SELECT 1 FROM growing_answers") == [])
    # Each of them is known again, and is gone on with.
    assert was_whole(await answer_of(stage, await dora.reply_to(growing, "And then?")))
    for message in (second, cut):
        stage.api.next("chat", reply="and so it ends")
        await stage.person("alice").press(message, label=en("button.go_on"))
        await eventually(lambda message=message: was_whole(posted_in(message.channel)[-1]), within=WITHIN)
    assert said(cut).endswith("and so it ends")


async def test_a_full_message_after_which_nothing_was_posted_says_that_it_ends(new_stage: NewStage) -> None:
    stage = await new_stage()
    use = await ask(stage, "Its second message [rate:400] [words:9000]", by="alice")
    stage.discord.faults.hold("POST /webhooks/*", times=100)
    await use.until(lambda each: CURSOR in each.text, WITHIN)
    (message,) = use.messages
    await stage.world.wait_until(lambda _: labels(message) == [], WITHIN)
    before = said(message)
    await stage.kill()
    stage.discord.faults.clear()
    await stage.start()
    await eventually(lambda: labels(message)[:2] == [en("button.retry"), en("button.go_on")], within=WITHIN)
    assert parts(message)[-1] == f"-# {en('ask.interrupted')}"
    assert said(message) == before
