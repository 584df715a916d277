"""Questions that may be asked once more: once, for a day, and not longer than their person wants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.store import questions
from bot.store.questions import KEPT_SECONDS, Asked

if TYPE_CHECKING:
    from bot.store.database import Database

NOW = 1_800_000_000.0
ASKED = Asked(2**62 + 1, 7, None, 20, True, None, "Why?", {"id": "1", "filename": "a.txt"}, NOW)


async def test_once_and_for_a_day(database: Database) -> None:
    await database.run(questions.keep, ASKED)
    assert await database.run(questions.get, ASKED.key, now=NOW + KEPT_SECONDS - 1) == ASKED
    assert await database.run(questions.get, ASKED.key, now=NOW + KEPT_SECONDS) is None
    assert await database.run(questions.take, ASKED.key)
    assert not await database.run(questions.take, ASKED.key)


async def test_forgotten(database: Database) -> None:
    old, young, theirs = ASKED, replace(ASKED, key=2, asked_at=NOW + 60), replace(ASKED, key=3, person_id=8, file=None)
    for each in (old, young, theirs):
        await database.run(questions.keep, each)
    assert await database.run(questions.of_person, 7) == [old, young]
    await database.run(questions.forget_person, 7)
    assert await database.run(questions.of_person, 7) == []
    assert await database.run(questions.of_person, 8) == [theirs]
    await database.run(questions.forget_old, now=NOW + KEPT_SECONDS)
    assert await database.run(questions.of_person, 8) == []
