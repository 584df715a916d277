from __future__ import annotations

import asyncio
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.generation.rows import admission, generations, queries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database
    from tests.unit.ordering import Order

ALICE, BOB, CAROL = 1, 2, 3
NO_LIMIT = 1000


def admit(c: Connection, *, person: int = NO_LIMIT, guild: int = NO_LIMIT, now: float = 2000.0) -> list[int]:
    return [row.id for row in admission.admit(c, person_limit=person, guild_limit=guild, now=now)]


def finish(c: Connection, id_: int, now: float = 2001.0) -> None:
    assert generations.end(c, id_, from_states=("submitting", "running"), state="failed", ended_at=now)


def enqueue(c: Connection, order: Order, *people: int, **facts: float | str | None) -> None:
    for person in people:
        order(c, person_id=person, **facts)


async def test_each_persons_first_comes_before_anyones_second(database: Database, order: Order):
    await database.run(enqueue, order, ALICE, ALICE, ALICE, BOB, CAROL, BOB)
    places = [await database.run(admission.position_in_line, id_) for id_ in range(1, 7)]
    assert places == [1, 4, 6, 2, 3, 5]
    assert await database.run(admit) == [1, 4, 5, 2, 6, 3]


async def test_inside_a_turn_the_order_of_people_stays(database: Database, order: Order):
    await database.run(enqueue, order, ALICE, BOB, BOB, ALICE)
    assert [await database.run(admission.position_in_line, id_) for id_ in range(1, 5)] == [1, 2, 4, 3]
    assert await database.run(admit) == [1, 2, 4, 3]


async def test_it_holds_what_it_admits(database: Database, order: Order):
    await database.run(enqueue, order, ALICE)
    (row,) = await database.run(admission.admit, person_limit=1, guild_limit=1, now=2000.5)
    assert (row.state, row.epoch, row.submitted_at) == ("submitting", 1, 2000.5)
    assert await database.run(generations.get, row.id) == row
    assert await database.run(admission.position_in_line, row.id) is None


async def test_over_time_the_turns_go_round(database: Database, order: Order):
    """One place in the server: who had a turn waits for the others, however old their other orders are."""
    await database.run(enqueue, order, ALICE, ALICE, ALICE, BOB, BOB, CAROL)
    served: list[int] = []
    for turn in range(6):
        waiting = [row.id for row in await database.run(queries.in_states, ("queued",))]
        first = [id_ for id_ in waiting if await database.run(admission.position_in_line, id_) == 1]
        admitted = await database.run(admit, guild=1, now=2000.0 + turn)
        assert admitted == first, "who was told to be first is first"
        served += admitted
        await database.run(finish, admitted[0])
    assert served == [1, 4, 6, 2, 5, 3]


async def test_a_newcomer_waits_for_one_turn_not_for_a_whole_queue(database: Database, order: Order):
    await database.run(enqueue, order, *[ALICE] * 5)
    assert await database.run(admit, guild=1, now=2000.0) == [1]
    await database.run(partial(enqueue, now=2000.5), order, BOB)
    await database.run(finish, 1)
    assert await database.run(admit, guild=1, now=2001.0) == [6]


async def test_what_was_long_before_the_line_does_not_count(database: Database, order: Order):
    await database.run(partial(enqueue, now=100.0), order, ALICE)
    assert await database.run(admit, now=101.0) == [1]
    await database.run(finish, 1)
    await database.run(partial(enqueue, now=5000.0), order, ALICE, BOB)
    assert await database.run(admit, guild=1, now=5001.0) == [2]


async def test_limits_of_people_and_servers(database: Database, order: Order):
    await database.run(enqueue, order, ALICE, ALICE, ALICE, BOB, CAROL)
    assert await database.run(admit, person=2, guild=3) == [1, 4, 5]
    assert await database.run(admit, person=2, guild=3) == [], "asked twice in a row, the places are taken"
    await database.run(finish, 4)
    assert await database.run(admit, person=2, guild=3) == [2]
    await database.run(finish, 5)
    assert await database.run(admit, person=2, guild=3) == [], "the third would pass the person's limit"


async def test_a_full_server_does_not_hold_up_another(database: Database, order: Order):
    await database.run(enqueue, order, BOB, ALICE)
    assert await database.run(admit, person=1, guild=1) == [1]
    await database.run(partial(enqueue, guild_id=10), order, ALICE)
    assert await database.run(admission.position_in_line, 2) == 1
    assert await database.run(admission.position_in_line, 3) == 1
    assert await database.run(admit, person=1, guild=1) == [3]


async def test_outside_servers_only_the_persons_limit_counts(database: Database, order: Order):
    direct = partial(enqueue, guild_id=None, context="bot_dm")
    await database.run(direct, order, ALICE, ALICE, BOB, CAROL)
    assert [await database.run(admission.position_in_line, id_) for id_ in range(1, 5)] == [1, 2, 1, 1]
    assert await database.run(admit, person=1, guild=1) == [1, 3, 4]


async def test_not_without_a_message_and_not_pictures(database: Database, order: Order):
    await database.run(partial(enqueue, message_id=None), order, ALICE)
    await database.run(partial(enqueue, kind="image"), order, BOB)
    assert await database.run(admission.position_in_line, 1) == 1
    assert await database.run(admission.position_in_line, 2) is None
    assert await database.run(admission.position_in_line, 99) is None
    assert await database.run(admit) == []
    await database.run(generations.store_message, 1, message_id=5, channel_id=6)
    assert await database.run(admit) == [1]


async def test_running_ones_count_and_a_limit_of_nothing_admits_nothing(database: Database, order: Order):
    await database.run(enqueue, order, ALICE, ALICE, BOB)
    assert await database.run(admit, person=0) == []
    assert await database.run(admit, guild=0) == []
    assert await database.run(admit, person=1, guild=1) == [1]
    assert await database.run(generations.change, 1, 1, state="running", task_id="t")
    assert await database.run(admit, person=1) == [3]


async def test_calls_take_turns(database: Database, order: Order):
    """Else the second could count the places before the first took them, and read the line after."""
    ended: list[str] = []

    def slowly(c: Connection) -> None:
        assert admit(c, guild=1) == [1]
        if database.kind == "postgresql":  # SQLite has one transaction at a time as it is
            c.execute(text("SELECT pg_sleep(0.2)"))
        ended.append("first")

    def meanwhile(c: Connection) -> None:
        assert admit(c, person=0) == []
        ended.append("second")

    await database.run(enqueue, order, ALICE, BOB)
    first = asyncio.create_task(database.run(slowly))
    await asyncio.sleep(0.05)  # let it get to its sleep
    await asyncio.gather(first, database.run(meanwhile))
    assert ended == ["first", "second"]


async def test_many_at_once_never_pass_the_limits(database: Database, order: Order):
    await database.run(enqueue, order, *range(1, 13), *range(1, 13))
    rounds = await asyncio.gather(*(database.run(admit, person=1, guild=5) for _ in range(10)))
    admitted = [id_ for ids in rounds for id_ in ids]
    assert len(admitted) == len(set(admitted)) == 5
    assert all(a < b for a, b in pairwise(admitted))
