"""Reports on both databases: one line a message, one report a person, not too many an hour."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.errors import NotAllowed
from cogs.remove import report_rows as rows
from cogs.remove.report_rows import MOST, WITHIN, Reported

if TYPE_CHECKING:
    from bot.store.database import Database

NOW = 1_000_000.0
ANNE, BOB, MOD = 1, 2, 3


def of(message_id: int = 500) -> Reported:
    return Reported(message_id=message_id, guild_id=9, channel_id=20, asked_by=7, log_channel_id=30)


async def test_a_message_is_one_line_with_a_count(database: Database) -> None:
    first = await database.run(rows.note, of(), by=ANNE, now=NOW)
    second = await database.run(rows.note, of(), by=BOB, now=NOW + 1)
    assert (first.count, first.reported_by, first.log_message_id) == (1, ANNE, None)
    assert (second.count, second.reported_by) == (2, ANNE)
    with pytest.raises(NotAllowed, match=r"report\.already"):
        await database.run(rows.note, of(), by=ANNE, now=NOW + 2)
    placed = await database.run(rows.posted, 500, log_message_id=600)
    assert placed is not None
    assert (placed.count, placed.log_message_id) == (2, 600)


async def test_not_more_than_some_an_hour(database: Database) -> None:
    for number in range(MOST):
        await database.run(rows.note, of(number), by=ANNE, now=NOW)
    with pytest.raises(NotAllowed, match=r"report\.too_many"):
        await database.run(rows.note, of(99), by=ANNE, now=NOW + WITHIN - 1)
    assert await database.run(rows.get, 99) is None
    await database.run(rows.note, of(99), by=BOB, now=NOW)
    await database.run(rows.note, of(98), by=ANNE, now=NOW + WITHIN + 1)


async def test_many_at_once_of_one_person(databases: list[Database]) -> None:
    tries = [databases[number % 2].run(rows.note, of(number), by=ANNE, now=NOW) for number in range(12)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == MOST


async def test_many_people_at_once_are_one_line(databases: list[Database]) -> None:
    tries = [databases[person % 2].run(rows.note, of(), by=person, now=NOW) for person in range(1, 9)]
    done = await asyncio.gather(*tries)
    assert sorted(one.count for one in done) == list(range(1, 9)), "one of them posts it"


async def test_it_is_removed_once(databases: list[Database]) -> None:
    await databases[0].run(rows.note, of(), by=ANNE, now=NOW)
    taken = await asyncio.gather(*(one.run(rows.take, 500, by=MOD, now=NOW) for one in databases * 3))
    assert sum(one is not None for one in taken) == 1
    await databases[0].run(rows.give_back, 500)
    assert await databases[0].run(rows.take, 500, by=MOD, now=NOW) is not None


async def test_it_is_closed_once_until_it_is_reported_again(databases: list[Database]) -> None:
    await databases[0].run(rows.note, of(), by=ANNE, now=NOW)
    closed = await asyncio.gather(*(one.run(rows.close, 500, by=MOD, now=NOW) for one in databases * 3))
    assert [(one.closed_by, one.closed_at) for one in closed if one is not None] == [(MOD, NOW)]
    again = await databases[0].run(rows.note, of(), by=BOB, now=NOW + 1)
    assert (again.count, again.closed_by, again.closed_at) == (2, None, None)
    await databases[0].run(rows.take, 500, by=MOD, now=NOW)
    assert await databases[0].run(rows.close, 500, by=MOD, now=NOW) is None


async def test_what_nobody_could_be_told_may_be_reported_again(database: Database) -> None:
    await database.run(rows.note, of(), by=ANNE, now=NOW)
    await database.run(rows.withdraw, 500)
    assert (await database.run(rows.note, of(), by=ANNE, now=NOW)).count == 1
