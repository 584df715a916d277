"""What made nothing does not use up the day, and a lost price is given back: five times a person and day, no more."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import DailyLimitReached
from bot.generation.endings import cancel
from bot.generation.ordering.orders import Orders
from bot.generation.price import forgive_order, settle
from bot.generation.rows import generations
from bot.orders import daily_rows as daily
from bot.orders import ledger
from bot.orders.daily_limits import FORGIVEN_A_DAY
from bot.orders.ledger import Account
from bot.periods import DAY_SECONDS
from bot.states import CANCELLABLE, State
from tests.unit import stored_settings
from tests.unit.ordering import ALICE, BOB, GUILD, AnyModel, a_video, caller, environment_of, question_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.environment import Environment
    from bot.generation.rows.records import Generation
    from bot.orders.question import Question
    from bot.store.database import Database

LIMIT = 3


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(tmp_path, DAILY_LIMIT_PER_USER=f"ask={LIMIT},imagine={LIMIT},video=unlimited")


async def counts(database: Database, person_id: int = ALICE) -> dict[str, int]:
    today = int(time.time() // DAY_SECONDS)
    found = await database.run(daily.of_day, person_id=person_id, day=today)
    return {kind: used for kind, used in found.items() if used}


async def painted(orders: Orders, person_id: int = ALICE) -> Generation:
    return await orders.image(caller(person_id), prompt="a fox", count=1, size=None, model=None)


async def asked(orders: Orders, person_id: int = ALICE) -> Question:
    return await question_of(orders, caller(person_id), "why")


def refuse(connection: Connection, row: Generation) -> Generation:
    """The service refused it."""
    failed: dict[str, Any] = {"state": State.FAILED, "reason": "invalid", "submitted_at": 1.0, "ended_at": 2.0}
    ended = generations.change(connection, row.id, row.epoch, **failed)
    assert ended is not None
    return settle(connection, forgive_order(connection, ended), now=time.time())


async def test_five_a_day_over_all_commands_and_then_it_counts(database: Database, orders: Orders) -> None:
    for _ in range(2):
        assert await orders.questions.settle(await asked(orders), nothing_made=True)
    for _ in range(2):
        assert not (await database.run(refuse, await painted(orders))).unforgiven
    ended = await database.run(cancel, (await painted(orders)).id, from_states=CANCELLABLE, by=ALICE)
    assert ended is not None
    assert not ended.unforgiven
    assert await counts(database) == {"nothing_made": FORGIVEN_A_DAY}

    assert (await database.run(refuse, await painted(orders))).unforgiven
    ended = await database.run(cancel, (await painted(orders)).id, from_states=CANCELLABLE, by=ALICE)
    assert ended is not None
    assert ended.unforgiven
    assert not await orders.questions.settle(await asked(orders), nothing_made=True)
    assert await counts(database) == {"nothing_made": FORGIVEN_A_DAY, "imagine": 2, "ask": 1}
    # Somebody else's day is their own; what nobody ever saw is as if never ordered.
    assert await orders.questions.settle(await asked(orders, BOB), nothing_made=True)
    for _ in range(3):
        await orders.withdraw(await painted(orders))
    await painted(orders)
    with pytest.raises(DailyLimitReached):
        await painted(orders)


async def test_refused_without_end_is_not_asked_without_end(database: Database, orders: Orders) -> None:
    for _ in range(LIMIT + FORGIVEN_A_DAY):
        await database.run(refuse, await painted(orders))
    with pytest.raises(DailyLimitReached):
        await painted(orders)


async def test_what_may_have_been_made_uses_the_day_up(database: Database, orders: Orders) -> None:
    for _ in range(LIMIT):
        assert await orders.questions.settle(await asked(orders))
    with pytest.raises(DailyLimitReached):
        await asked(orders)
    assert await counts(database) == {"ask": LIMIT}


async def test_without_a_limit_nothing_is_counted_and_no_forgiveness_is_used_up(
    database: Database, orders: Orders
) -> None:
    for _ in range(9):
        row = await a_video(orders, caller(), prompt="a fox", resolution=None, model=None)
        assert not (await database.run(refuse, row)).unforgiven
    assert await counts(database) == {}


async def test_many_at_once_through_two_doors_are_forgiven_five_times(
    databases: list[Database], tmp_path: Path
) -> None:
    environment = environment_of(tmp_path, DAILY_LIMIT_PER_USER="ask=40,imagine=40,video=3")
    both = [Orders(database, AnyModel(), environment) for database in databases]
    rows = [await painted(both[0]) for _ in range(12)]
    questions = [await asked(both[0]) for _ in range(12)]
    ends = [databases[n % 2].run(refuse, row) for n, row in enumerate(rows)]
    asks = [both[n % 2].questions.settle(question, nothing_made=True) for n, question in enumerate(questions)]
    done = await asyncio.gather(*ends, *asks)
    assert sum(one is True or (one is not False and not one.unforgiven) for one in done) == FORGIVEN_A_DAY
    left = await counts(databases[1])
    assert left.pop("nothing_made") == FORGIVEN_A_DAY
    assert sum(left.values()) == 24 - FORGIVEN_A_DAY


async def test_it_is_the_day_of_the_order_that_is_given_back(
    database: Database, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question asked before midnight fails after it."""
    now = time.time()
    question = await asked(orders)
    monkeypatch.setattr("bot.orders.daily_limits.time.time", lambda: now + DAY_SECONDS)
    await asked(orders)
    await orders.questions.settle(question, nothing_made=True)
    days = [int(now // DAY_SECONDS) + more for more in (0, 1)]
    assert [await database.run(daily.used, person_id=ALICE, kind="ask", day=day) for day in days] == [0, 1]


# Credits


async def spent(database: Database) -> tuple[int, int]:
    """What the server's pool and Alice's share of the day have paid."""
    now = time.time()
    found = [
        await database.run(ledger.balance, guild_id=GUILD, account=account)
        for account in (Account.at("server", GUILD, "day", now), Account.at("person", ALICE, "day", now))
    ]
    assert [one.reserved for one in found] == [0, 0]
    return found[0].spent, found[1].spent


async def test_the_price_of_what_is_lost_is_given_back_five_times(database: Database, tmp_path: Path) -> None:
    orders = Orders(database, AnyModel(), environment_of(tmp_path, DAILY_LIMIT_PER_USER="ask=99,imagine=99"))
    for key, value in (("prices", ["imagine=2", "ask=2"]), ("server_pool", "900/day"), ("daily_credits", ["900"])):
        facts: dict[str, Any] = {"key": key, "value": value, "changed_by": 1, "now": 1.0, "guild_id": GUILD}
        await database.run(stored_settings.put, scope="server", scope_id=GUILD, **facts)

    def lose(connection: Connection, row: Generation) -> Generation:
        unknown: dict[str, Any] = {"state": State.UNKNOWN, "reason": "uncertain", "submitted_at": 1.0, "ended_at": 2.0}
        ended = generations.change(connection, row.id, row.epoch, **unknown)
        assert ended is not None
        return settle(connection, ended, now=time.time())

    for _ in range(3):
        assert not (await database.run(lose, await painted(orders))).unforgiven
    for _ in range(2):
        assert await orders.questions.settle(await asked(orders), pools=2)
    assert await spent(database) == (10, 0)
    kept = await database.run(lose, await painted(orders))
    assert await spent(database) == (12, 2)
    assert not await orders.questions.settle(await asked(orders), pools=2)
    assert await spent(database) == (14, 4)
    # The other kind of forgiveness is one of its own, and what was made nothing costs nothing either way.
    refused = await database.run(refuse, await painted(orders))
    assert (refused.unforgiven, await spent(database)) == (False, (14, 4))

    stored_row = await database.run(generations.get, kept.id)
    assert stored_row == kept
