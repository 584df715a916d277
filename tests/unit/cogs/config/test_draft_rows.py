"""Drafts of settings: what is in one, what Apply makes of it, and two who change the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.settings import changes
from bot.settings import stored as settings
from bot.settings.changes import Change, Realm
from bot.store.schema import DRAFT_SECONDS
from cogs.config import draft_rows as drafts
from cogs.config.draft_rows import Draft, Step

if TYPE_CHECKING:
    from bot.settings.stored import Json
    from bot.store.database import Database

PLACE = ("channel", 20)
ME, OTHER = 1, 2


async def choose(database: Database, who: int = ME, **chosen: Json | None) -> Draft:
    await database.run(drafts.add, who, PLACE, chosen, holding={"max_images": 4}, guild_id=9, now=5.0)
    return await database.run(drafts.read, who, PLACE, now=5.0)


async def apply(database: Database, draft: Draft, who: int = ME) -> drafts.Applied:
    return await database.run(drafts.apply, who, {PLACE: draft}, guild_id=9, now=6.0)


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
    assert await database.run(drafts.read, ME, PLACE, now=6.0) == {}
    assert await apply(database, draft) == drafts.Applied()


async def test_what_changed_meanwhile_is_told_once(database: Database):
    draft = await choose(database, max_images=2, answers="private")
    await put(database, 3)
    told = await apply(database, draft)
    assert told.lines == ()
    (moved,) = told.moved
    assert (moved.place, moved.key, moved.value) == (PLACE, "max_images", 3)
    assert moved.line is not None
    assert moved.line.changed_by == OTHER
    stored = await database.run(settings.read, scopes=[PLACE])
    assert stored[PLACE] == {"max_images": 3}
    again = await database.run(drafts.read, ME, PLACE, now=6.0)
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
    assert sum(bool(each.moved) for each in made) == 1


async def test_a_draft_is_over_after_some_days(database: Database):
    await choose(database, max_images=2)
    assert await database.run(drafts.read, ME, PLACE, now=5.0 + DRAFT_SECONDS) == {}


async def test_drafts_of_several_places_are_one_change(database: Database):
    realm = Realm(9, 20)
    wanted = {("channel", 20): {"max_images": Step(None, 2)}, ("server", 9): {"answers": Step(None, "private")}}
    await database.run(drafts.put, ME, wanted, guild_id=9, now=5.0)
    found = await database.run(drafts.all_of, ME, realm, now=5.0)
    assert list(found) == [("server", 9), ("channel", 20)]
    assert found == wanted
    assert await database.run(drafts.all_of, OTHER, realm, now=5.0) == {}
    assert await database.run(drafts.all_of, ME, Realm(8, 20), now=5.0) == {}
    assert await database.run(drafts.all_of, ME, realm, now=5.0 + DRAFT_SECONDS) == {}
    await put(database, 3)
    moved = await database.run(drafts.apply, ME, found, guild_id=9, now=6.0)
    assert [one.key for one in moved.moved] == ["max_images"]
    assert await database.run(settings.read, scopes=[("server", 9)]) == {}, "all of it or nothing"
    again = await database.run(drafts.all_of, ME, realm, now=6.0)
    made = await database.run(drafts.apply, ME, again, guild_id=9, now=6.0)
    assert len({line.batch for line in made.lines}) == 1
    assert [line.key for line in made.lines] == ["answers", "max_images"]
    assert await database.run(drafts.all_of, ME, realm, now=6.0) == {}


async def test_outside_servers_a_channel_s_own(database: Database):
    await database.run(drafts.put, ME, {PLACE: {"max_images": Step(None, 2)}}, guild_id=None, now=5.0)
    assert list(await database.run(drafts.all_of, ME, Realm(None, 20), now=5.0)) == [PLACE]
    assert await database.run(drafts.all_of, ME, Realm(None, 21), now=5.0) == {}
