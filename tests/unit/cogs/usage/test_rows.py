"""The sums behind /usage, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.orders import ledger
from bot.orders.ledger import Order
from bot.periods import DAY_SECONDS
from cogs.usage import rows as usage
from cogs.usage.rows import Sum

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

TODAY = 20_000
GUILD, OTHER = 1, 2
ALICE, BOB = 100, 101


def ordered(
    c: Connection,
    kind: str,
    price: int,
    *,
    person: int = ALICE,
    guild: int = GUILD,
    channel: int = 10,
    model: str = "m",
    days_ago: int = 0,
    kept: tuple[int, int] | None = None,
) -> None:
    """An order of `price`, settled at what was `kept` of the pools and the person; open, if None."""
    now = float((TODAY - days_ago) * DAY_SECONDS + 60)
    order = Order(guild_id=guild, channel_id=channel, person_id=person, kind=kind, model=model, price=price)
    reservation_id = ledger.reserve(c, order, pools=(), share=None, now=now)
    if kept is not None:
        ledger.settle(c, reservation_id, pools=kept[0], person=kept[1], now=now)


def several(c: Connection) -> None:
    ordered(c, "ask", 1, kept=(1, 1), model="chat")
    ordered(c, "ask", 3, kept=(2, 2), model="chat", days_ago=1)
    ordered(c, "video", 50, kept=(50, 0), model="film", channel=11)  # nobody knows: the pool pays
    ordered(c, "video", 50, model="film", channel=11)  # on its way
    ordered(c, "imagine", 5, kept=(5, 5), person=BOB, model="paint")
    ordered(c, "imagine", 5, kept=(0, 0), person=BOB, model="broken")
    ordered(c, "imagine", 7, kept=(7, 7), person=BOB, model="paint", days_ago=40)
    ordered(c, "imagine", 9, kept=(9, 9), person=BOB, guild=OTHER)


async def test_a_person_s_own(database: Database) -> None:
    await database.run(several)
    today = await database.run(usage.of_person, guild_id=GUILD, person_id=ALICE, since=TODAY)
    month = await database.run(usage.of_person, guild_id=GUILD, person_id=ALICE, since=TODAY - 20)

    assert today == {"ask": Sum(1, 0, 1), "video": Sum(0, 50, 2)}
    assert month == {"ask": Sum(3, 0, 2), "video": Sum(0, 50, 2)}
    assert sum(month.values(), Sum()) == Sum(3, 50, 4)
    assert await database.run(usage.of_person, guild_id=OTHER, person_id=ALICE, since=0) == {}


async def test_a_server_s(database: Database) -> None:
    await database.run(several)
    since = {"guild_id": GUILD, "since": TODAY - 29}

    assert await database.run(usage.of_server, **since) == Sum(58, 50, 6)
    assert await database.run(usage.of_server, guild_id=77, since=0) == Sum()
    assert await database.run(usage.most, "person", **since, limit=10) == [
        (ALICE, Sum(53, 50, 4)),
        (BOB, Sum(5, 0, 2)),
    ]
    assert await database.run(usage.most, "channel", **since, limit=1) == [(11, Sum(50, 50, 2))]
    # What cost nothing is not among the most.
    assert [model for model, _ in await database.run(usage.most, "model", **since, limit=10)] == [
        "film",
        "paint",
        "chat",
    ]
    assert await database.run(usage.by_day, **since) == {
        (TODAY, "ask"): 1,
        (TODAY - 1, "ask"): 2,
        (TODAY, "video"): 100,
        (TODAY, "imagine"): 5,
    }


async def test_round_sums_are_sums_too(database: Database) -> None:
    """PostgreSQL's sum of BIGINTs is a decimal, and 10,000 of it may be written 1E+4."""
    await database.run(ordered, "video", 10_000, kept=(10_000, 10_000))
    assert await database.run(usage.of_server, guild_id=GUILD, since=0) == Sum(10_000, 0, 1)
