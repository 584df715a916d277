"""The service's log is asked seldom, and joined to orders in whatever shape it comes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from bot.api.client import OneKeyClient
from bot.api.images import ImageRequest
from bot.api.session import build_session
from bot.kinds import Kind
from bot.orders import cost_rows
from bot.orders.cost_log import CostLog
from bot.orders.cost_rows import Ended
from bot.orders.money import Money
from sandbox.onekey import Behaviour, OneKeyServer, Plan
from tests.unit.ordering import environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.database import Database


@pytest.fixture
async def api() -> AsyncIterator[OneKeyServer]:
    async with OneKeyServer(behaviour=Behaviour(images=Plan())) as server:
        yield server


@pytest.fixture
async def client(api: OneKeyServer) -> AsyncIterator[OneKeyClient]:
    async with build_session() as session:
        yield OneKeyClient(session, base_url=api.base_url, api_key=api.key)


async def painted(database: Database, client: OneKeyClient, money: Money, count: int = 2) -> int:
    """An image order that has ended; the id of its cost."""
    cost = await database.run(
        money.begin,
        guild_id=9,
        channel_id=20,
        person_id=1,
        kind=Kind.IMAGE,
        model="wan2.7-image",
        count=count,
        now=time.time(),
    )
    await client.generate_images(ImageRequest("wan2.7-image", "a fox", count, "64x64"), cost.permit)
    ended = Ended(tuple(cost.permit.calls))
    await database.run(cost_rows.end, cost.id, ended, now=time.time())
    return cost.id


def asked(api: OneKeyServer) -> int:
    return sum(request.path == "/api/log/token" for request in api.requests)


@pytest.mark.parametrize("shape", ["document", "paged", "text"])
async def test_costs_are_joined(
    database: Database, api: OneKeyServer, client: OneKeyClient, tmp_path: Path, shape: str
) -> None:
    api.behaviour.money = Plan(shape=shape)
    money = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="wan*=0.05/image"))
    for _ in range(3):
        await painted(database, client, money)
    log = CostLog(client, database, money)
    assert await log.look()
    assert money.budget is not None
    spending = await database.run(cost_rows.spending, money.budget, now=time.time())
    assert spending.spent == 3 * 60_000 == api.books.total * 2
    assert await log.look()  # nothing is left to ask for
    assert asked(api) == 1


@pytest.mark.parametrize("shape", ["untold", "absent", "no_ids"])
async def test_what_stays_unknown_stays_at_its_reserve(
    database: Database, api: OneKeyServer, client: OneKeyClient, tmp_path: Path, shape: str
) -> None:
    money = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="wan*=0.05/image"))
    await painted(database, client, money)
    api.behaviour.money = Plan(shape=shape)
    assert await CostLog(client, database, money).look() is (shape == "no_ids")
    assert money.budget is not None
    assert (await database.run(cost_rows.spending, money.budget, now=time.time())).spent == 100_000


async def test_a_model_that_was_dearer_than_its_reserve_is_reserved_at_more(
    database: Database, client: OneKeyClient, tmp_path: Path
) -> None:
    money = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="wan*=0.01/image"))
    await painted(database, client, money)
    await CostLog(client, database, money).look()
    await painted(database, client, money, count=1)
    assert money.budget is not None
    assert (await database.run(cost_rows.spending, money.budget, now=time.time())).spent == 60_000 + 30_000


async def test_the_log_is_asked_once_in_its_time_however_much_there_is(
    database: Database, api: OneKeyServer, client: OneKeyClient, tmp_path: Path
) -> None:
    money = Money(environment_of(tmp_path))
    every = 0.4
    task = asyncio.create_task(CostLog(client, database, money, every=every).run())
    began = time.monotonic()
    for _ in range(12):
        await painted(database, client, money, count=1)
        await asyncio.sleep(0.05)
    seconds = time.monotonic() - began
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert 1 <= asked(api) <= seconds / every
