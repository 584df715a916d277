"""What all servers' orders come to is the same whatever of it is in the totals already, on both databases."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from bot.orders import cost_rows, ledger
from bot.orders.cost_rows import Ended
from bot.orders.ledger import Order
from bot.periods import DAY_SECONDS, HOUR_SECONDS
from bot.store import key_values as facts
from bot.store.schema import totals as table
from cogs.privacy.forgetting import forget_rows
from cogs.usage import total_rows
from cogs.usage.money_rows import Spent
from cogs.usage.rows import ServerSum, Sum

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

FIRST: Final = 19_997
"""2024-10-01."""
NOW: Final = float((FIRST + 9) * DAY_SECONDS)
PEOPLE, GUILDS = 12, 4
OPEN: Final = 0.1


@dataclass
class Placed:
    """`ended`, `told`: Unix seconds; None: not yet."""

    at: float
    guild: int | None
    channel: int
    person: int
    model: str
    price: int
    spent: int
    actual: int
    ended: float | None
    told: float | None
    reservation: int = 0
    cost: int = 0

    @property
    def day(self) -> int:
        return int(self.at // DAY_SECONDS)


def place(chance: random.Random) -> Placed:
    at = chance.uniform(NOW - 13 * DAY_SECONDS, NOW)
    guild = chance.choice([None, *range(1, GUILDS + 1)])
    price = chance.randrange(1, 50)
    ended = None if chance.random() < OPEN else at + chance.expovariate(1 / HOUR_SECONDS)
    told = None if ended is None or chance.random() < OPEN else ended + chance.uniform(0, 5.9 * HOUR_SECONDS)
    return Placed(
        at=at,
        guild=guild,
        channel=(guild or 9) * 10 + chance.randrange(3),
        person=chance.randrange(100, 100 + PEOPLE),
        model=chance.choice(["film", "paint"]),
        price=price,
        spent=chance.randrange(price + 1),
        actual=chance.randrange(10**10),
        ended=ended,
        told=told,
    )


def happen(c: Connection, placed: list[Placed], since: float, now: float) -> None:
    """All that orders do after `since` and until `now`."""
    for one in placed:
        whose: dict[str, Any] = {"channel_id": one.channel, "person_id": one.person, "kind": "video"}
        if since < one.at <= now:
            one.cost = cost_rows.begin(
                c, guild_id=one.guild, model=one.model, generation_id=None, reserve=None, now=one.at, **whose
            )
            if one.guild is not None:
                order = Order(guild_id=one.guild, model=one.model, price=one.price, **whose)
                one.reservation = ledger.reserve(c, order, pools=(), share=None, now=one.at)
        if one.ended is not None and since < one.ended <= now:
            cost_rows.end(c, one.cost, Ended(), now=one.ended)
            if one.guild is not None:
                ledger.settle(c, one.reservation, pools=one.spent, person=one.spent, now=one.ended)
        if one.told is not None and since < one.told <= now:
            cost_rows.learn(c, {one.cost: one.actual})


def expected(placed: list[Placed], by: str, now: float, since: int) -> dict[Any, Spent]:
    found: defaultdict[Any, Spent] = defaultdict(Spent)
    for one in placed:
        if one.day >= since and one.at <= now:
            told = one.told is not None and one.told <= now
            ended = one.ended is not None and one.ended <= now
            found[getattr(one, by)] += Spent(one.actual * told, int(told), int(ended))
    return dict(sorted(found.items(), key=lambda one: -one[1].amount))


def expected_servers(placed: list[Placed], now: float) -> list[ServerSum]:
    sums: defaultdict[int, Sum] = defaultdict(Sum)
    people: defaultdict[int, set[int]] = defaultdict(set)
    for one in placed:
        if one.guild is not None and one.day >= FIRST and one.at <= now:
            settled = one.ended is not None and one.ended <= now
            sums[one.guild] += Sum(one.spent * settled, one.price * (not settled), 1)
            people[one.guild].add(one.person)
    found = [ServerSum(guild, sum_, len(people[guild])) for guild, sum_ in sums.items()]
    return sorted(found, key=lambda one: (-one.sum.all, one.guild_id))


async def check(database: Database, placed: list[Placed], now: float) -> None:
    for by in ("server", "channel", "person", "model"):
        found = await database.run(total_rows.spent, by, since=FIRST)
        assert found == expected(placed, by.replace("server", "guild"), now, FIRST)
    for by in ("person", "channel"):
        whole = list(expected(placed, by, now, FIRST).items())
        assert list((await database.run(total_rows.spent, by, since=FIRST, most=3)).items()) == whole[:3]
    since = int(now // DAY_SECONDS) - 6
    assert await database.run(total_rows.spent, "day", since=since) == expected(placed, "day", now, since)
    assert await database.run(total_rows.servers, since=FIRST) == expected_servers(placed, now)


def add(c: Connection, most: int, now: float) -> int:
    """Step by step, until nothing is left or `most` are done; how many those were."""
    return next((done for done in range(most) if not total_rows.add_next(c, now=now)), most)


async def test_figures_are_exact_at_any_moment(database: Database) -> None:
    chance = random.Random(7)
    placed = [place(chance) for _ in range(160)]
    steps, before = 0, 0.0
    for now in sorted(chance.uniform(NOW - 8 * DAY_SECONDS, NOW) for _ in range(8)):
        await database.run(happen, placed, before, now)
        before = now
        steps += await database.run(add, chance.randrange(60), now)
        await check(database, placed, now)
    assert steps > 30
    await database.run(add, 1000, before)
    await check(database, placed, before)
    kept = await database.run(
        lambda c: c.execute(select(func.sum(table.c.ended)).where(table.c.kind == "day")).scalar()
    )
    assert kept
    assert kept > 60, "of 160 orders most are in the totals"


async def test_who_has_their_data_deleted_is_in_no_list_and_the_sums_stay(database: Database) -> None:
    placed = [place(random.Random(number)) for number in range(30)]
    await database.run(happen, placed, 0.0, NOW)
    await database.run(add, 1000, NOW)
    first = next(iter(expected(placed, "person", NOW, FIRST)))
    before = await database.run(total_rows.spent, "server", since=FIRST)
    await forget_rows(database, first)
    assert first not in await database.run(total_rows.spent, "person", since=FIRST, most=PEOPLE)
    assert await database.run(total_rows.spent, "server", since=FIRST) == before


async def test_one_process_adds_and_the_month_before_last_goes(database: Database) -> None:
    placed = [place(random.Random(number)) for number in range(30)]
    await database.run(happen, placed, 0.0, NOW)
    await database.run(add, 1000, NOW)
    until = await database.run(facts.get, total_rows.UNTIL)
    assert until is not None
    assert not await database.run(facts.replace, total_rows.UNTIL, "0", "1"), "another one was first"
    later = NOW + 62 * DAY_SECONDS
    late = Placed(later - DAY_SECONDS, 1, 10, 100, "film", 5, 5, 7, later - DAY_SECONDS, None)
    await database.run(happen, [late], NOW, later)
    assert await database.run(total_rows.add_next, now=later)
    months = await database.run(lambda c: set(c.execute(select(table.c.month).distinct()).scalars()))
    assert months == {(2024 - 1970) * 12 + 11}
