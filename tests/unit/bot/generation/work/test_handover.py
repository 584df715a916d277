"""The work of a process that is gone is the others', each row once, and those who are gone are forgotten then."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, update

from bot.generation.rows import queries
from bot.generation.work.recovery import BEGUN
from bot.store import processes
from bot.store.opening import open_database
from bot.store.schema import generations
from bot.store.schema import processes as table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database
    from tests.unit.ordering import Order

DEAD, ME, OTHER = 1, 2, 3
RUNNING: Final = {"state": "running", "task_id": "t", "submitted_at": 1.0}


def fill(c: Connection, order: Order) -> None:
    """Thirty rows that a dead process has begun, one that it was about to begin, one of its that ended, and another
    process's own; and five that are nobody's.
    """
    now = c.execute(processes.database_time()).scalar_one() if c.dialect.name == "postgresql" else 1e10
    c.execute(insert(table), [{"id": DEAD, "kind": "worker", "seen_at": 1.0}])
    c.execute(insert(table), [{"id": id_, "kind": "run", "seen_at": now} for id_ in (ME, OTHER)])
    for number in range(38):
        row = order(c, kind="video")
        values: dict[str, Any] = {"epoch": 4, "process_id": DEAD, **RUNNING}
        if number == 30:
            values = {"process_id": DEAD}
        elif number == 31:
            values |= {"state": "failed", "ended_at": 2.0}
        elif number >= 32:
            values["process_id"] = OTHER if number == 32 else None
        c.execute(update(generations).where(generations.c.id == row.id).values(values))


def whose(c: Connection) -> list[int | None]:
    return list(c.execute(select(generations.c.process_id).order_by(generations.c.id)).scalars())


async def test_what_a_process_left_is_taken_in_parts_and_once(database: Database, order: Order) -> None:
    await database.run(fill, order)
    taking = partial(queries.take_free, states=BEGUN, limit=12)
    first = await database.run(taking, process_id=ME)
    assert len(first) == 5, "what a process has that is not known to be gone is its own"
    await database.run(processes.release, [DEAD])
    assert await database.run(processes.gone) == [DEAD], "until all is taken"
    assert (await database.run(whose))[30] is None, "what was not begun waits for whoever it is brought to"

    taken = [*first]
    for process in (ME, OTHER, ME):
        part = await database.run(taking, process_id=process)
        assert {row.process_id for row in part} == {process}
        taken += part
    assert len(taken) == len({row.id for row in taken}) == 35
    assert {row.epoch for row in taken} == {5}
    assert await database.run(taking, process_id=OTHER) == []
    owners = await database.run(whose)
    assert owners[31:33] == [DEAD, OTHER], "what ended, or is another's, stays as it is"
    await database.run(processes.forget_gone)
    assert await database.run(processes.gone) == []
    assert await database.run(lambda c: set(c.execute(select(table.c.id)).scalars())) == {ME, OTHER}


async def test_two_that_look_at_once_take_different_rows(databases: list[Database], order: Order) -> None:
    await databases[0].run(fill, order)
    await databases[0].run(processes.release, [DEAD])

    async def take(database: Database, process: int) -> list[int]:
        taken: list[int] = []
        while rows := await database.run(queries.take_free, process_id=process, states=BEGUN, limit=3):
            taken += [row.id for row in rows]
        return taken

    mine, others = await asyncio.gather(take(databases[0], ME), take(databases[1], OTHER))
    assert len(mine) + len(others) == len({*mine, *others}) == 35


async def test_who_is_gone_is_fenced_no_more_and_counts_for_nothing(postgresql_url: str, order: Order) -> None:
    async with open_database(postgresql_url) as database:
        await database.run(fill, order)
        assert await database.run(processes.fence, but=ME) == [DEAD]
        await database.run(processes.release, [DEAD])
        assert await database.run(processes.fence, but=ME) == []
        await database.run(processes.release, [OTHER])
        assert await database.run(processes.is_alone, ME)
