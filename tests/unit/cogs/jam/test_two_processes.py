"""Rounds ordered while people vote, order again and remove: nobody waits for each other in a ring."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.errors import Refusal
from bot.generation.ordering.again import reroll
from bot.generation.rows.records import Generation
from bot.orders import ledger
from bot.orders.ledger import Account
from cogs.jam import round_rows
from tests.unit.cogs.jam.world import ALICE, BOB, SERVER, World, world_over

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.environment import Environment
    from bot.store.database import Database

ROUNDS = 3


class Counting:
    """A database that counts how often its transactions were begun: more often than asked for after a conflict."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.kind = database.kind
        self.asked = self.begun = 0

    async def run(self, function: Callable[..., Any], /, *args: Any, **facts: Any) -> Any:
        def counted(connection: Connection) -> Any:
            self.begun += 1
            return function(connection, *args, **facts)

        self.asked += 1
        return await self._database.run(counted)


@pytest.fixture
async def worlds(databases: list[Database], environment: Environment) -> AsyncIterator[list[World]]:
    """What two processes are over one database."""
    async with AsyncExitStack() as stack:
        opened: list[World] = []
        for each in databases:
            database = cast("Database", Counting(each))
            opened.append(await stack.enter_async_context(world_over(database, environment)))
        yield opened
        for one in opened:
            await one.scheduler.idle()


async def test_two_processes_worth_of_everything_at_once(worlds: list[World]) -> None:
    here, there = worlds
    await here.set(prices=["ask=1", "imagine=5"], daily_credits=["10000"], server_pool="9000/day")
    jam = await here.opened()
    chance = random.Random(66)
    ordered = 0
    for _ in range(ROUNDS):
        await here.reviewed(jam)
        base = (await here.jams.facts(jam.id)).base  # pyright: ignore[reportOptionalMemberAccess] - it is there
        calls: list[Any] = [one.jams.order(one.caller(), jam.id) for one in worlds for _ in range(4)]
        if base is not None:
            for person in range(60):
                one = chance.choice(worlds)
                calls.append(one.ballot(base.id, person, 1))
            calls += [reroll(there.orders, there.caller(BOB), base.id) for _ in range(4)]
        calls += [one.jams.join(jam.id, 50 + n) for n, one in enumerate(worlds * 4)]
        chance.shuffle(calls)
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert [one for one in done if isinstance(one, BaseException) and not isinstance(one, Refusal)] == []
        [row] = [one for one in done if isinstance(one, Generation) and one.action == "round"]
        ordered += 1
        await here.made(row)
        await asyncio.gather(here.look(2), there.look(2))
        # Everybody at once, and the end in the middle of it.
        votes = [one.ballot(row.id, n, n % 4) for n, one in enumerate(worlds * 25)]
        votes[20:20] = [one.jams.end_vote(one.caller(), jam.id) for one in worlds]
        votes[30:30] = [one.look(1) for one in worlds]
        done = await asyncio.gather(*votes, return_exceptions=True)
        assert [one for one in done if isinstance(one, BaseException) and not isinstance(one, Refusal)] == []
        await asyncio.gather(here.look(3), there.look(3))
        assert (await here.get(jam)).state == "open"
    assert (await here.get(jam)).round == ROUNDS + 1
    rounds = await here.database.run(round_rows.rounds_of, jam.id)
    assert len({one.generation_id for one in rounds if one.generation_id is not None}) == ordered == ROUNDS
    # Each merge and each round was paid for once.
    account = Account.at("person", ALICE, "day", here.clock.now)
    balance = await here.database.run(ledger.balance, guild_id=SERVER, account=account)
    assert (balance.reserved, balance.spent) == (20 * ROUNDS, ROUNDS)
    for one in worlds:
        counting = cast("Counting", one.database)
        assert counting.begun == counting.asked
