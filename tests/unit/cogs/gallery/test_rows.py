"""Pages of pictures, on both databases: who may be shown what, in which order, and page by page."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot.generation.rows import generations, votes
from bot.generation.rows.records import Generation, NewGeneration
from bot.store.schema import generations as table
from cogs.gallery import rows as gallery
from cogs.gallery.rows import Cursor, Reach, Sort

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database
    from tests.unit.ordering import Order

HERE, THERE, THREAD, CLOSED = 20, 21, 22, 23
REACH = Reach(guild_id=9, channels=frozenset({HERE}))


@pytest.fixture
def picture(order: Order) -> Order:
    """A delivered picture; keywords are those of `order`, and the columns to change afterwards."""

    def insert_delivered(c: Connection, /, **facts: Any) -> Generation:
        new = {key: facts.pop(key) for key in list(facts) if key in NewGeneration.__slots__ or key == "now"}
        row = order(c, **({"kind": "image", "channel_id": HERE} | new))
        done = {"state": "delivered", "submitted_at": 2.0, "generated_at": 3.0, "ended_at": 4.0}
        c.execute(update(table).where(table.c.id == row.id).values(done | facts))
        return generations.get(c, row.id) or row

    return insert_delivered


def ids(entries: list[gallery.Entry]) -> list[int]:
    return [entry.row.id for entry in entries]


async def test_only_public_pictures_that_stand(database: Database, picture: Order, order: Order) -> None:
    def several(c: Connection) -> int:
        fine = picture(c)
        picture(c, private=True)
        picture(c, removed_at=5.0, message_id=None)
        picture(c, message_id=None)
        picture(c, channel_id=THERE)
        picture(c, guild_id=8)
        picture(c, guild_id=None, context="bot_dm")
        picture(c, state="dropped")
        picture(c, state="failed")
        picture(c, kind="video")
        order(c, kind="image", channel_id=HERE)
        return fine.id

    fine = await database.run(several)
    for sort in Sort:
        assert ids(await database.run(gallery.page, REACH, sort=sort, limit=20)) == [fine]
    assert await database.run(gallery.page, Reach(guild_id=9, channels=frozenset()), limit=20) == []


async def test_threads_under_what_one_sees(database: Database, picture: Order) -> None:
    """Found as long as it is still to be seen whether they are public; never among what is known."""

    def several(c: Connection) -> list[int]:
        return [
            picture(c).id,
            picture(c, channel_id=THREAD, parent_channel_id=HERE).id,
            picture(c, channel_id=CLOSED, parent_channel_id=HERE).id,
            picture(c, channel_id=30, parent_channel_id=THERE).id,
            picture(c, channel_id=31, parent_channel_id=HERE, guild_id=8).id,
            picture(c, channel_id=32).id,
        ]

    made = await database.run(several)
    parents = Reach(guild_id=9, channels=frozenset({HERE}), parents=frozenset({HERE}))
    assert ids(await database.run(gallery.page, parents, limit=9)) == made[2::-1]
    without = replace(parents, but=frozenset({CLOSED}))
    assert ids(await database.run(gallery.page, without, limit=9)) == made[1::-1]
    assert await database.run(gallery.in_reach, without, made) == set(made[:2])
    assert ids(await database.run(gallery.page, without.known, limit=9)) == made[:1]
    assert await database.run(gallery.in_reach, without.known, made) == set(made[:1])


async def test_one_s_own_outside_servers(database: Database, picture: Order) -> None:
    def several(c: Connection) -> list[int]:
        outside: dict[str, Any] = {"guild_id": None, "context": "bot_dm"}
        return [
            picture(c, **outside, person_id=1).id,
            picture(c, **outside, person_id=2).id,
            picture(c, **outside, person_id=1, channel_id=THERE).id,
            picture(c, person_id=1).id,
        ]

    made = await database.run(several)
    mine = Reach(guild_id=None, channels=frozenset({HERE}), person_id=1)
    assert ids(await database.run(gallery.page, mine, limit=9)) == made[:1]


async def test_by_whom_and_since_when(database: Database, picture: Order) -> None:
    def several(c: Connection) -> list[int]:
        return [picture(c, person_id=1 + number % 2, now=100.0 * number).id for number in range(6)]

    made = await database.run(several)
    assert ids(await database.run(gallery.page, REACH, by=2, limit=9)) == [made[5], made[3], made[1]]
    assert ids(await database.run(gallery.page, REACH, since=300.0, limit=9)) == [made[5], made[4], made[3]]
    for sort in Sort:
        assert ids(await database.run(gallery.page, REACH, sort=sort, by=1, since=201.0, limit=9)) == [made[4]]


@pytest.mark.parametrize("sort", Sort)
async def test_page_by_page_nothing_is_missed_or_shown_twice(
    database: Database, picture: Order, sort: Sort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where those with most votes are out of reach."""
    monkeypatch.setattr(gallery, "LOOK_AT", 3)
    chance = random.Random(7)

    def several(c: Connection) -> dict[int, int]:
        counts: dict[int, int] = {}
        for _ in range(23):
            row = picture(c)
            counts[row.id] = chance.choice((0, 0, 1, 1, 2, 5))
            for person in range(counts[row.id]):
                votes.cast(c, row.id, person, 0, now=1.0)
        for row in (picture(c, private=True), picture(c, private=True)):
            for person in range(9):
                votes.cast(c, row.id, person, 0, now=1.0)
        return counts

    counts = await database.run(several)
    by_id = [(id_, counts[id_]) for id_ in sorted(counts, reverse=True)]
    # Sorting keeps the order of equal ones.
    expected = sorted(by_id, key=itemgetter(1), reverse=True) if sort is Sort.VOTED else by_id

    for limit in (1, 4, 7, 30):
        found: list[tuple[int, int]] = []
        cursor: Cursor | None = None
        pages: list[list[gallery.Entry]] = []
        while page := await database.run(gallery.page, REACH, sort=sort, cursor=cursor, limit=limit):
            pages.append(page)
            found += [(entry.row.id, entry.votes) for entry in page]
            cursor = page[-1].cursor
        assert found == expected
        # And back again, from the first entry of each.
        for before, after in pairwise(pages):
            back = await database.run(gallery.page, REACH, sort=sort, cursor=after[0].cursor, newer=True, limit=limit)
            assert back == before
