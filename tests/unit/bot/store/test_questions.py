"""Questions that may be asked once more: once, for a day, and not longer than their person wants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.store import questions
from bot.store.questions import Asked
from bot.store.schema import QUESTION_SECONDS
from bot.store.schema import questions as table
from cogs.privacy import rows as privacy
from cogs.privacy.forgetting import forget_rows
from cogs.privacy.stored import all_of

if TYPE_CHECKING:
    from bot.store.database import Database

NOW = 1_800_000_000.0
ASKED = Asked(2**62 + 1, 7, None, 20, True, None, "Why?", {"id": "1", "filename": "a.txt"}, NOW)


async def test_once_and_for_a_day(database: Database) -> None:
    await database.run(questions.keep, ASKED)
    assert await database.run(questions.get, ASKED.key, now=NOW + QUESTION_SECONDS - 1) == ASKED
    assert await database.run(questions.get, ASKED.key, now=NOW + QUESTION_SECONDS) is None
    assert await database.run(questions.take, ASKED.key)
    assert not await database.run(questions.take, ASKED.key)


async def test_forgotten(database: Database) -> None:
    old, young, theirs = ASKED, replace(ASKED, key=2, asked_at=NOW + 60), replace(ASKED, key=3, person_id=8, file=None)
    for each in (old, young, theirs):
        await database.run(questions.keep, each)
    shown = (await all_of(database, 7))["questions_to_be_asked_again"]
    assert [(each["prompt"], each["file"], each["asked"][-12:]) for each in shown] == [
        ("Why?", "a.txt", "08:00:00 UTC"),
        ("Why?", "a.txt", "08:01:00 UTC"),
    ]
    await forget_rows(database, 7)
    assert [await database.run(questions.get, each.key, now=NOW) for each in (old, young, theirs)] == [
        None,
        None,
        theirs,
    ]
    later = NOW + QUESTION_SECONDS
    assert await database.run(privacy.delete_over, table, now=later - 1, limit=9) == 0
    assert await database.run(privacy.delete_over, table, now=later, limit=9) == 1
