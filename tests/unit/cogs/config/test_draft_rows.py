"""Drafts of settings: what is in one, what Apply makes of it, and two who change the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.settings import Scope, changes
from bot.settings import stored as settings
from bot.settings.changes import Change
from bot.store.schema import DRAFT_SECONDS
from cogs.config import draft_rows as drafts
from cogs.config.draft_rows import Draft, Step
from cogs.config.spots import Spot

if TYPE_CHECKING:
    from bot.settings.stored import Json
    from bot.store.database import Database

SPOT = Spot(Scope.CHANNEL, 20)
ME, OTHER = 1, 2


async def choose(database: Database, who: int = ME, **chosen: Json | None) -> Draft:
    await database.run(drafts.add, who, SPOT, chosen, holding={"max_images": 4}, guild_id=9, now=5.0)
    return await database.run(drafts.read, who, SPOT, now=5.0)


async def apply(database: Database, draft: Draft, who: int = ME) -> drafts.Applied:
    return await database.run(drafts.apply, who, SPOT, draft, guild_id=9, now=6.0)


async def put(database: Database, value: Json | None, key: str = "max_images", by: int = OTHER) -> None:
    await database.run(changes.make, [Change("channel", 20, key, value)], by=by, now=5.5, guild_id=9)


async def test_what_is_so_already_is_not_drafted(database: Database):
    assert await choose(database, max_images=4) == {}
    assert await choose(database, max_images=2) == {"max_images": Step(None, 2)}
    assert await choose(database, max_images=4) == {}
    await put(database, 3)
    assert await choose(database, max_images=3, answers=None) == {}
    # What is inherited can be set over what is set here.
    assert await choose(database, max_images=4) == {"max_images": Step(3, 4)}
    assert await choose(database, max_images=None) == {"max_images": Step(3, None)}


async def test_true_is_no_one(database: Database):
    await put(database, value=True, key="age_restricted_only")
    assert await choose(database, age_restricted_only=1) == {"age_restricted_only": Step(before=True, after=1)}


async def test_apply_is_one_batch_and_the_draft_is_gone(database: Database):
    draft = await choose(database, max_images=2, answers="private")
    made = await apply(database, draft)
    assert [(line.batch, line.key, line.after) for line in made.lines] == [
        (made.lines[0].id, "max_images", 2),
        (made.lines[0].id, "answers", "private"),
    ]
    assert await database.run(drafts.read, ME, SPOT, now=6.0) == {}
    assert await apply(database, draft) == drafts.Applied()


async def test_what_changed_meanwhile_is_told_once(database: Database):
    draft = await choose(database, max_images=2, answers="private")
    await put(database, 3)
    told = await apply(database, draft)
    assert told.lines == ()
    assert told.meanwhile is not None
    value, line = told.meanwhile["max_images"]
    assert value == 3
    assert line is not None
    assert line.changed_by == OTHER
    stored = await database.run(settings.read, scopes=[SPOT.place])
    assert stored[SPOT.place] == {"max_images": 3}
    again = await database.run(drafts.read, ME, SPOT, now=6.0)
    assert again["max_images"] == Step(3, 2)
    assert len((await apply(database, again)).lines) == 2


async def test_the_same_change_by_somebody_else_is_no_reason_to_ask(database: Database):
    draft = await choose(database, max_images=2, answers="private")
    await put(database, 2)
    assert [line.key for line in (await apply(database, draft)).lines] == ["answers"]


async def test_two_presses_and_two_people_at_once(database: Database):
    mine, theirs = await choose(database, max_images=2), await choose(database, OTHER, max_images=3)
    made = await asyncio.gather(apply(database, mine), apply(database, mine), apply(database, theirs, OTHER))
    assert sum(len(each.lines) for each in made) == 1
    assert sum(bool(each.meanwhile) for each in made) == 1


async def test_a_draft_is_over_after_some_days(database: Database):
    await choose(database, max_images=2)
    assert await database.run(drafts.read, ME, SPOT, now=5.0 + DRAFT_SECONDS) == {}
