from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.generation.rows import generations, queries
from bot.store import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.generation.rows.records import Generation
    from bot.store.database import Database
    from tests.unit.ordering import Order


async def test_lists_by_state_person_channel_and_server(database: Database, order: Order):
    def fill(c: Connection) -> None:
        for n in range(1, 7):
            order(c, person_id=1 + n % 2, channel_id=20 + n % 3, guild_id=9 if n < 5 else 10)
        generations.end(c, 3, from_states=("queued",), state="failed", ended_at=5.0)

    def ids(rows: list[Generation]) -> list[int]:
        return [row.id for row in rows]

    await database.run(fill)
    assert ids(await database.run(queries.in_states, ("queued",))) == [1, 2, 4, 5, 6]
    assert ids(await database.run(queries.in_states, schema.STATES)) == [1, 2, 3, 4, 5, 6]
    assert await database.run(queries.in_states, ()) == []
    assert ids(await database.run(queries.of_person, 2, limit=2)) == [5, 3]
    assert ids(await database.run(queries.of_person, 2, before_id=3, limit=2)) == [1]
    assert ids(await database.run(queries.of_place, 9, 21, limit=9)) == [4, 1]
    assert ids(await database.run(queries.of_place, 9, limit=9)) == [4, 3, 2, 1]


async def test_the_usual_time_is_the_median_of_the_last_twenty(database: Database, order: Order):
    def finish(c: Connection, *, seconds: float, at: float, **facts: Any) -> None:
        made = order(c, **facts)
        times: dict[str, Any] = {"submitted_at": at - seconds, "generated_at": at, "ended_at": at}
        assert generations.change(c, made.id, 0, state="delivered", **times)

    usual = {"kind": "video", "model": "wan"}
    await database.run(finish, seconds=10, at=1000)
    await database.run(finish, seconds=30, at=1001)
    await database.run(finish, seconds=500, at=1002, model="other")
    await database.run(finish, seconds=500, at=1002, kind="image")
    assert await database.run(queries.usual_seconds, **usual) is None, "two are too few"
    await database.run(finish, seconds=20, at=1002)
    assert await database.run(queries.usual_seconds, **usual) == pytest.approx(20)
    for n in range(20):
        await database.run(finish, seconds=20, at=1010 + n)
    for n in range(20):
        await database.run(finish, seconds=100, at=2000 + n)
    assert await database.run(queries.usual_seconds, **usual) == pytest.approx(100), "the old ones count no more"
