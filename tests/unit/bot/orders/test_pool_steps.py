"""Which share of a pool people are told of: by what was really spent, and once in each day or month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.orders import ledger
from bot.orders.ledger import Account, Ceiling, Order
from bot.settings import changes
from bot.settings.changes import Change
from cogs.usage import alert_rows
from cogs.usage.alert_rows import Alert

if TYPE_CHECKING:
    from bot.store.database import Database

GUILD, CHANNEL, ALICE, ALERTS, LOG = 9, 20, 100, 77, 78
NOW = 1_798_761_600.0
"""2027-01-01 00:00 UTC."""
DAY = 86_400.0


def pools(limit: int = 20, *, now: float = NOW, guild: int = GUILD) -> list[Ceiling]:
    return [Ceiling(Account.at("server", guild, "month", now), limit)]


async def reserve(database: Database, price: int, *, limit: int = 20, now: float = NOW, guild: int = GUILD) -> int:
    order = Order(guild_id=guild, channel_id=CHANNEL, person_id=ALICE, kind="ask", model="m", price=price)
    return await database.run(ledger.reserve, order, pools=pools(limit, now=now, guild=guild), share=None, now=now)


async def spend(database: Database, price: int, *, kept: int | None = None, limit: int = 20, now: float = NOW) -> None:
    made = await reserve(database, price, limit=limit, now=now)
    await database.run(ledger.settle, made, pools=price if kept is None else kept, person=0, now=now)


@pytest.fixture(autouse=True)
async def told_somewhere(database: Database) -> None:
    change = Change("server", GUILD, "alert_channel", ALERTS)
    await database.run(changes.make, [change], by=1, now=NOW, guild_id=GUILD)


async def due(database: Database, *, now: float = NOW) -> list[Alert]:
    return await database.run(alert_rows.alerts, now=now)


async def tell(database: Database) -> tuple[int, int, int] | None:
    """What people have to be told of, and are."""
    alerts = await due(database)
    for alert in alerts:
        await database.run(alert_rows.told, alert)
    return next(((alert.percent, alert.spent, alert.ceiling) for alert in alerts), None)


async def test_each_step_is_told_once(database: Database) -> None:
    told = [await tell(database)]
    for _ in range(4):
        await spend(database, 5)
        told += [await tell(database), await tell(database)]
    assert told == [None, None, None, (50, 10, 20), None, (75, 15, 20), None, (100, 20, 20), None]


async def test_steps_passed_at_once_are_one_alert(database: Database) -> None:
    await spend(database, 19)
    assert await tell(database) == (90, 19, 20)
    await spend(database, 1)
    assert await tell(database) == (100, 20, 20)


async def test_what_was_only_reserved_and_given_back_is_told_when_it_is_really_reached(database: Database) -> None:
    made = await reserve(database, 10)
    assert await due(database) == []
    await database.run(ledger.settle, made, pools=0, person=0, now=NOW)
    assert await due(database) == []
    await spend(database, 10)
    assert await tell(database) == (50, 10, 20)
    # Failures after it neither tell it again nor lose the next one.
    await spend(database, 10, kept=0)
    assert await tell(database) is None
    await spend(database, 5)
    assert await tell(database) == (75, 15, 20)


async def test_until_it_is_told_it_stays_to_be_told_and_the_next_step_takes_its_place(database: Database) -> None:
    await spend(database, 10)
    (half,) = await due(database)
    assert await due(database) == [half]
    await spend(database, 5)
    (more,) = await due(database)
    assert (half.percent, more.percent) == (50, 75)
    # The first was on its way meanwhile: that it was told does not make the second one told.
    await database.run(alert_rows.told, half)
    assert await due(database) == [more]
    await database.run(alert_rows.told, more)
    assert await due(database) == []


async def test_a_day_that_is_over_is_not_told_of_and_a_new_one_begins_with_nothing(database: Database) -> None:
    await spend(database, 20)
    assert len(await due(database)) == 1
    later = NOW + 31 * DAY
    assert await due(database, now=later) == []
    await spend(database, 10, now=later)
    assert [alert.percent for alert in await due(database, now=later)] == [50]
    # The old one is forgotten.
    assert await due(database) == []


async def test_a_server_without_an_alert_channel_is_told_once_it_has_one(database: Database) -> None:
    other = GUILD + 1
    made = await reserve(database, 20, guild=other)
    await database.run(ledger.settle, made, pools=20, person=0, now=NOW)
    assert await due(database) == []
    wanted = [
        Change("server", other, "alert_channel", ALERTS),
        Change("server", other, "log_channel", LOG),
        Change("server", other, "language", "zh_CN"),
    ]
    await database.run(changes.make, wanted, by=1, now=NOW, guild_id=other)
    (alert,) = await due(database)
    assert (alert.guild_id, alert.account.owner_id, alert.percent) == (other, other, 100)
    assert (alert.channel_id, alert.log_channel_id, alert.locale) == (ALERTS, LOG, "zh_CN")


@pytest.mark.parametrize(("limit", "percent"), [(20, 75), (30, 50), (16, 90), (100, None)])
async def test_a_changed_ceiling_is_told_of_anew(database: Database, limit: int, percent: int | None) -> None:
    await spend(database, 10)
    assert await tell(database) == (50, 10, 20)
    await spend(database, 5, limit=limit)
    assert await tell(database) == (None if percent is None else (percent, 15, limit))
    await spend(database, 1, kept=0, limit=limit)
    assert await tell(database) is None
