"""Which share of a pool people were told of: by what was really spent, and once in each day or month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.orders import ledger
from bot.orders.ledger import Account, Ceiling, Order
from cogs.usage import alerted_rows as alerted

if TYPE_CHECKING:
    from bot.store.database import Database

GUILD, CHANNEL, ALICE = 9, 20, 100
NOW = 1_798_761_600.0
"""2027-01-01 00:00 UTC."""
DAY = 86_400.0
STEPS = (50, 75, 90, 100)


def pool(limit: int = 20, *, now: float = NOW, guild: int = GUILD) -> Ceiling:
    return Ceiling(Account.at("server", guild, "month", now), limit)


async def reserve(database: Database, price: int, *, now: float = NOW) -> int:
    order = Order(guild_id=GUILD, channel_id=CHANNEL, person_id=ALICE, kind="ask", model="m", price=price)
    return await database.run(ledger.reserve, order, pools=[pool(1000, now=now)], share=None, now=now)


async def spend(database: Database, price: int, *, kept: int | None = None) -> None:
    made = await reserve(database, price)
    await database.run(ledger.settle, made, pools=price if kept is None else kept, person=0, now=NOW)


async def level(database: Database, ceiling: Ceiling) -> alerted.Level:
    return await database.run(alerted.level, guild_id=GUILD, ceiling=ceiling, steps=STEPS)


async def tell(database: Database, ceiling: Ceiling) -> int | None:
    """The step that people have to be told of, and are."""
    percent = (await level(database, ceiling)).percent
    if percent is not None:
        await database.run(alerted.told, guild_id=GUILD, ceiling=ceiling, percent=percent)
    return percent


async def test_each_step_is_told_once(database: Database) -> None:
    told: list[int | None] = [await tell(database, pool())]
    for _ in range(4):
        await spend(database, 5)
        told += [await tell(database, pool()), await tell(database, pool())]
    assert told == [None, None, None, 50, None, 75, None, 100, None]


async def test_steps_passed_at_once_are_one_alert(database: Database) -> None:
    await spend(database, 19)
    assert await tell(database, pool()) == 90
    await spend(database, 1)
    assert await tell(database, pool()) == 100


async def test_what_was_only_reserved_and_given_back_is_told_when_it_is_really_reached(database: Database) -> None:
    made = await reserve(database, 10)
    assert await level(database, pool()) == (0, None, True)
    await database.run(ledger.settle, made, pools=0, person=0, now=NOW)
    assert await level(database, pool()) == (0, None, False)
    await spend(database, 10)
    assert await tell(database, pool()) == 50
    # Failures after it neither tell it again nor lose the next one.
    await spend(database, 10, kept=0)
    assert await tell(database, pool()) is None
    await spend(database, 5)
    assert await tell(database, pool()) == 75


async def test_until_it_is_told_it_stays_to_be_told(database: Database) -> None:
    await spend(database, 15)
    for _ in range(3):
        assert await level(database, pool()) == (15, 75, False)
    assert await tell(database, pool()) == 75
    # A late note of a lower step takes nothing back.
    await database.run(alerted.told, guild_id=GUILD, ceiling=pool(), percent=50)
    assert await tell(database, pool()) is None


async def test_more_is_only_what_would_reach_another_step(database: Database) -> None:
    await spend(database, 10)
    await tell(database, pool())
    small = await reserve(database, 1)
    assert await level(database, pool()) == (10, None, False)
    await reserve(database, 4)
    assert await level(database, pool()) == (10, None, True)
    await database.run(ledger.settle, small, pools=1, person=0, now=NOW)
    assert (await level(database, pool())).more


async def test_a_new_month_and_another_server_begin_with_nothing(database: Database) -> None:
    await spend(database, 20)
    assert await tell(database, pool()) == 100
    assert await level(database, pool(now=NOW + 31 * DAY)) == (0, None, False)
    other = Ceiling(Account.at("server", GUILD + 1, "month", NOW), 20)
    assert await database.run(alerted.level, guild_id=GUILD + 1, ceiling=other, steps=STEPS) == (0, None, False)


@pytest.mark.parametrize(("limit", "told"), [(20, 75), (30, 50), (16, 90), (100, None), (0, None)])
async def test_a_changed_ceiling_is_told_of_anew(database: Database, limit: int, told: int | None) -> None:
    await spend(database, 10)
    assert await tell(database, pool(20)) == 50
    await spend(database, 5)
    assert await tell(database, pool(limit)) == told
    assert await tell(database, pool(limit)) is None
