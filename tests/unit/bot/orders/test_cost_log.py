"""The service's log is asked seldom, and joined to orders in whatever shape it comes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from bot.api.client import OneKeyClient
from bot.api.images import ImageRequest
from bot.api.session import build_session
from bot.kinds import Kind
from bot.money import Budget
from bot.orders import cost_rows
from bot.orders.beside import Beside
from bot.orders.cost_log import CostLog
from bot.orders.cost_rows import Ended, Whose
from bot.orders.moderation import Moderation
from bot.orders.money import Cost, Money, follow
from bot.orders.price_book import PriceBook
from bot.periods import DAY_SECONDS
from bot.store.schema import costs
from sandbox.onekey import Behaviour, OneKeyServer, Plan
from sandbox.onekey.books import Tariff
from tests.unit.ordering import environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import Connection

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


async def test_what_is_known_of_one_model_counts_for_those_of_which_nothing_is(
    database: Database, client: OneKeyClient, tmp_path: Path
) -> None:
    """The list of a service that is dearer than it says is passed once, and not once a model."""
    money = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="*=0.01/image"))
    waiting = await database.run(begin, money, "wan2.7-image")
    await painted(database, client, money)
    await CostLog(client, database, money).look()
    assert money.budget is not None
    spending = await database.run(cost_rows.spending, money.budget, now=time.time())
    assert (spending.reserved, spending.spent) == (30_000, 60_000), "what is under way, too"
    await database.run(begin, money, "qwen-image")
    assert (await database.run(cost_rows.spending, money.budget, now=time.time())).reserved == 60_000
    await database.run(cost_rows.end, waiting, Ended(), now=time.time())
    # The next process knows it, too.
    again = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="*=0.01/image"))
    again.book.recall(await database.run(cost_rows.dearest, since=0))
    assert again.book.dearer("wan2.7-image") == again.book.dearer("qwen-image") == 3


def dear(connection: Connection, model: str, days_ago: int, actual: int) -> None:
    """An order that ended, and cost more than the 10 that were reserved for it."""
    at = time.time() - days_ago * DAY_SECONDS
    cost_id = cost_rows.begin(
        connection,
        guild_id=9,
        channel_id=20,
        person_id=1,
        kind=Kind.IMAGE.command,
        model=model,
        generation_id=None,
        reserve=(Budget(1000, "month"), 10),
        now=at,
    )
    cost_rows.end(connection, cost_id, Ended(("a",)), now=at)
    cost_rows.learn(connection, {cost_id: actual})


async def test_a_process_knows_what_was_dear_before_it_and_hears_of_what_is_told_beside_it(
    database: Database, client: OneKeyClient
) -> None:
    await database.run(dear, "wan2.7-image", 30, 20)
    book = PriceBook((), every=0.01, after_failure=0.01)
    running = asyncio.create_task(book.run(client, database))
    try:
        async with asyncio.timeout(10):
            while book.dearer("wan2.7-image") != 2:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)
            await database.run(dear, "qwen-image", 1, 30)
            while book.dearer("qwen-image") != 3:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
    assert book.dearer("wan2.7-image") == 2


async def test_a_question_that_was_killed_midway_is_settled_by_the_log(
    database: Database, client: OneKeyClient, tmp_path: Path
) -> None:
    money = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="*=0.05/image"))
    cost = await database.run(begun, money, "wan2.7-image")
    follow(database, cost)
    await client.generate_images(ImageRequest("wan2.7-image", "a fox", 1, "64x64"), cost.permit)
    async with asyncio.timeout(10):
        while not await database.run(lambda c: c.execute(select(costs.c.calls)).scalar()):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
    # Here the process is killed; the next one ends what it left.
    now = time.time()
    await database.run(cost_rows.end_what_was_open, before=now + 1, now=now)
    assert money.budget is not None
    assert (await database.run(cost_rows.spending, money.budget, now=now)).spent == 50_000
    await CostLog(client, database, money).look()
    assert (await database.run(cost_rows.spending, money.budget, now=now)).spent == 30_000


async def test_moderation_costs_what_the_log_says(
    database: Database, api: OneKeyServer, client: OneKeyClient, tmp_path: Path
) -> None:
    api.behaviour.moderations = Plan()
    api.books.tariffs["omni-moderation-latest"] = Tariff(each=0.001)
    money, moderation = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="*=0.05/image")), Moderation(client)
    log = CostLog(client, database, money, moderation)
    assert await moderation.flags("A meadow", Whose(9, 20, 1, "ask")) is False
    await log.look()
    await log.look()
    assert money.budget is not None
    spending = await database.run(cost_rows.spending, money.budget, now=time.time())
    assert spending.spent == 1000 == api.books.total * 2
    await database.run(begin, money, "wan2.7-image")
    spending = await database.run(cost_rows.spending, money.budget, now=time.time())
    assert spending.reserved == 50_000 + 2 * 1000, "its own moderation is reserved, too"
    # A free one leaves nothing.
    api.books.tariffs["omni-moderation-latest"] = Tariff(each=0.0)
    await moderation.flags("A meadow", Whose(9, 20, 1, "ask"))
    await log.look()
    assert len(await database.run(lambda c: c.execute(select(costs)).all())) == 2


WHOSE = Whose(9, 20, 1, "ask")


async def spent(database: Database, money: Money) -> int:
    assert money.budget is not None
    return (await database.run(cost_rows.spending, money.budget, now=time.time())).spent


async def test_moderation_is_counted_though_the_process_is_killed_before_the_log_is_read(
    database: Database, api: OneKeyServer, client: OneKeyClient, tmp_path: Path
) -> None:
    api.behaviour.moderations = Plan()
    api.books.tariffs["omni-moderation-latest"] = Tariff(each=0.001)

    def process() -> tuple[Money, Moderation]:
        money = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="*=0.05/image"))
        return money, Moderation(client, Beside(database, money))

    _, first = process()
    assert await first.flags("A meadow", WHOSE) is False
    # Here it is killed, or it is not the one of several processes that reads the log.
    money, moderation = process()
    await CostLog(client, database, money, moderation).look()
    assert await spent(database, money) == 1000 == api.books.total * 2

    # From then on such a call is booked before it is sent: also one whose answer never comes.
    running = asyncio.create_task(money.book.run(client, database))
    async with asyncio.timeout(10):
        while not money.book.aside:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
    running.cancel()
    api.behaviour.moderations = Plan(delay=9.0)
    asking = asyncio.create_task(moderation.flags("A meadow", WHOSE))
    async with asyncio.timeout(10):
        while await spent(database, money) != 2000:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    await CostLog(client, database, money, moderation).look()
    assert await spent(database, money) == 2000


async def test_moderation_that_is_free_leaves_nothing(
    database: Database, api: OneKeyServer, client: OneKeyClient, tmp_path: Path
) -> None:
    api.behaviour.moderations = Plan()
    money = Money(environment_of(tmp_path, BUDGET="1/month", PRICES="*=0.05/image"))
    moderation = Moderation(client, Beside(database, money))
    await moderation.flags("A meadow", WHOSE)
    log = CostLog(client, database, money, moderation)
    await log.look()
    await database.run(lambda c: c.execute(update(costs).values(created_at=time.time() - 3600)))
    await log.look()
    assert not await database.run(lambda c: c.execute(select(costs)).all())
    # Where the service has none, nothing is noted.
    api.behaviour.moderations = Plan(shape="absent")
    await moderation.flags("A meadow", WHOSE)
    await moderation.flags("A meadow", WHOSE)
    await log.look()
    await log.look()
    assert not await database.run(lambda c: c.execute(select(costs)).all())


def begun(c: Connection, money: Money, model: str) -> Cost:
    where = {"guild_id": 9, "channel_id": 20, "person_id": 1}
    return money.begin(c, **where, kind=Kind.IMAGE, model=model, count=1, now=time.time())


def begin(c: Connection, money: Money, model: str) -> int:
    return begun(c, money, model).id


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
