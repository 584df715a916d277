"""Votes on both databases: one a person and card, whoever comes at the same moment."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from typing import TYPE_CHECKING

from bot.generation.rows import generations, votes

if TYPE_CHECKING:
    from bot.store.database import Database
    from tests.unit.ordering import Order


async def test_one_a_person_which_changes(database: Database, order: Order) -> None:
    first, second = [(await database.run(order, kind="image", count=4)).id for _ in range(2)]
    for person, position in ((1, 0), (2, 0), (3, 2), (2, 3), (2, 3)):
        await database.run(partial(votes.cast, now=1.0), first, person, position)
    await database.run(partial(votes.cast, now=1.0), second, 1, 1)
    assert await database.run(votes.counts, first) == {0: 1, 2: 1, 3: 1}
    assert await database.run(votes.counts, second) == {1: 1}


async def test_none_of_fifty_at_once_is_lost(database: Database, order: Order) -> None:
    row = await database.run(order, kind="image", count=4)
    cast = [(person, position) for person in range(50) for position in (0, 1, 2)]
    random.shuffle(cast)
    await asyncio.gather(*(database.run(partial(votes.cast, now=1.0), row.id, *each) for each in cast))
    counted = await database.run(votes.counts, row.id)
    assert sum(counted.values()) == 50


async def test_they_go_with_the_card(database: Database, order: Order) -> None:
    rows = [await database.run(order, kind="image") for _ in range(2)]
    for row in rows:
        await database.run(partial(votes.cast, now=1.0), row.id, 1, 0)
    await database.run(partial(generations.remove, by=1, now=2.0), rows[0].id)
    assert await database.run(votes.counts, rows[0].id) == {}
    assert await database.run(votes.counts, rows[1].id) == {0: 1}
