"""An event of Discord is acted upon once, whoever tries and whenever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.errors import NotAllowed, Repeated
from bot.orders import daily_rows as daily
from bot.store import events
from bot.store.opening import open_database
from bot.store.schema import events as table
from bot.store.schema.own import EVENT_SECONDS
from cogs.privacy import rows as privacy

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

SHARE: dict[str, Any] = {"person_id": 1, "kind": "video", "day": 20_000}
LARGEST = 2**63 - 1


async def take(database: Database, event: int | None) -> bool:
    return await database.run(events.once(event, daily.take), **SHARE, limit=9)


@pytest.mark.parametrize("event", [1, 1_576_280_311_073_865_729, LARGEST])
async def test_of_many_at_once_one_acts(database: Database, event: int):
    came = await asyncio.gather(*(take(database, event) for _ in range(12)), return_exceptions=True)
    assert [one for one in came if not isinstance(one, Repeated)] == [True]
    assert await database.run(daily.used, **SHARE) == 1
    with pytest.raises(Repeated) as repeated:
        await take(database, event)
    assert repeated.value.id == event


async def test_two_processes_on_one_database(postgresql_url: str):
    """The second waits for what the first does, and acts only if that came to nothing."""
    async with open_database(postgresql_url) as one, open_database(postgresql_url) as other:
        came = await asyncio.gather(*(take(each, 7) for each in [one, other] * 6), return_exceptions=True)
        assert [each for each in came if not isinstance(each, Repeated)] == [True]
        assert await one.run(daily.used, **SHARE) == 1


async def test_what_was_refused_may_come_again(database: Database):
    def refuse(connection: Connection) -> None:
        daily.take(connection, **SHARE, limit=9)
        raise NotAllowed("error.gone")

    for _ in range(2):
        with pytest.raises(NotAllowed):
            await database.run(events.once(7, refuse))
    assert await take(database, 7)
    assert await database.run(daily.used, **SHARE) == 1


async def test_without_an_event_nothing_is_held_back(database: Database):
    assert await take(database, None)
    assert await take(database, None)
    assert await database.run(lambda c: c.execute(select(table)).all()) == []


async def test_they_are_forgotten_in_steps(database: Database):
    for event in range(5):
        await take(database, event)
    latest = await database.run(lambda c: max(c.execute(select(table.c.at)).scalars()))
    assert await database.run(privacy.delete_over, table, now=latest, limit=2) == 0
    later = latest + EVENT_SECONDS + 1
    steps = [await database.run(privacy.delete_over, table, now=later, limit=2) for _ in range(4)]
    assert steps == [2, 2, 1, 0]
