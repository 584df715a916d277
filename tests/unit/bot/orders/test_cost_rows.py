"""A budget is never passed, whatever comes together; what is learned later takes the place of what was booked."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.money import Budget
from bot.orders import cost_rows
from bot.orders.cost_rows import Ended, Exhausted, Spending, Whose
from bot.store.schema import costs

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

DAY = 86_400.0
NOW = 1_798_761_600.0 + 5 * DAY
"""2027-01-06, a Wednesday."""
MONTH = Budget(100, "month")


def begin(c: Connection, amount: int | None = 30, *, budget: Budget = MONTH, now: float = NOW, model: str = "m") -> int:
    return cost_rows.begin(
        c,
        guild_id=9,
        channel_id=20,
        person_id=1,
        kind="ask",
        model=model,
        generation_id=None,
        reserve=None if amount is None else (budget, amount),
        now=now,
    )


def end(c: Connection, cost_id: int, *, now: float = NOW, **facts: Any) -> None:
    cost_rows.end(c, cost_id, Ended(**facts), now=now)


async def stands(database: Database, budget: Budget = MONTH, now: float = NOW) -> tuple[int, int]:
    spending = await database.run(cost_rows.spending, budget, now=now)
    return spending.reserved, spending.spent


async def test_what_does_not_fit_is_refused_and_leaves_nothing(database: Database) -> None:
    for _ in range(3):
        await database.run(begin)
    with pytest.raises(Exhausted) as short:
        await database.run(begin)
    assert (short.value.reserve, short.value.left) == (30, 10)
    await database.run(begin, 10)
    assert await stands(database) == (100, 0)
    assert len(await database.run(lambda c: c.execute(select(costs)).all())) == 4


@pytest.mark.parametrize(
    ("ended", "spent"),
    [({}, 30), ({"nothing": True}, 0), ({"actual": 7}, 7), ({"actual": 45}, 45), ({"calls": ("a",)}, 30)],
)
async def test_how_an_order_is_booked(database: Database, ended: dict[str, Any], spent: int) -> None:
    cost_id = await database.run(begin)
    await database.run(end, cost_id, **ended)
    assert await stands(database) == (0, spent)
    await database.run(end, cost_id, nothing=True)  # once only
    assert await stands(database) == (0, spent)


async def test_the_real_cost_takes_the_place_of_the_reserve_once(database: Database) -> None:
    first, second, untold = [await database.run(begin) for _ in range(3)]
    await database.run(end, first, calls=("a", "b"))
    await database.run(end, second, calls=("c",))
    await database.run(end, untold, calls=("d",))
    assert await database.run(cost_rows.pending, since=NOW - 1) == {"a": first, "b": first, "c": second, "d": untold}
    assert await database.run(cost_rows.pending, since=NOW) == {}
    assert await database.run(cost_rows.learn, {first: 4, second: 50, 999: 1}) == {"m": (50, 30)}
    assert await stands(database) == (0, 4 + 50 + 30)
    await database.run(cost_rows.learn, {first: 99})
    assert await stands(database) == (0, 84)
    assert await database.run(cost_rows.pending, since=NOW - 1) == {"d": untold}
    day = int(NOW // DAY)
    assert await database.run(cost_rows.dearest, since=day) == {"m": (50, 30)}
    assert await database.run(cost_rows.dearest, since=day + 1) == {}


async def test_what_is_under_way_with_a_dearer_model_is_reserved_at_more(database: Database) -> None:
    """Also above the ceiling: then nothing new fits."""
    budget = Budget(160, "month")
    open_, ended, told = [await database.run(begin, budget=budget) for _ in range(3)]
    await database.run(begin, 10, model="other", budget=budget)
    await database.run(end, ended, calls=("a",))
    await database.run(end, told, calls=("b",))
    await database.run(cost_rows.learn, {told: 60})
    later = await database.run(begin, 0, now=NOW + 5, budget=budget)
    await database.run(cost_rows.raise_reserves, "m", Fraction(2), before=NOW + 1, since=NOW - 1)
    assert await stands(database) == (60 + 10, 60 + 60)
    with pytest.raises(Exhausted):
        await database.run(begin, 1, budget=budget)
    for cost_id in (open_, later):
        await database.run(end, cost_id, actual=0)
    await database.run(cost_rows.learn, {ended: 5})
    assert await stands(database) == (10, 60 + 5)


@pytest.mark.parametrize("budget", [MONTH, None])
async def test_a_call_beside_orders_is_on_the_budget(database: Database, budget: Budget | None) -> None:
    whose = Whose(9, 20, 1, "ask")
    await database.run(cost_rows.aside, whose, "omni", 3, budget, NOW)
    assert await stands(database) == (0, 3 if budget else 0)
    row = await database.run(lambda c: c.execute(select(costs)).one())
    assert (row.actual, row.person_id, row.channel_id, row.model) == (3, 1, 20, "omni")
    assert await database.run(cost_rows.pending, since=0) == {}


async def test_what_is_known_to_have_made_nothing_is_not_asked_after(database: Database) -> None:
    cost_id = await database.run(begin)
    await database.run(cost_rows.note_calls, cost_id, ["a"])
    await database.run(end, cost_id, nothing=True)
    assert await database.run(cost_rows.pending, since=0) == {}


async def test_calls_that_were_noted_under_way_are_kept(database: Database) -> None:
    cost_id = await database.run(begin)
    await database.run(cost_rows.note_calls, cost_id, ["a"])
    await database.run(end, cost_id)
    assert await database.run(cost_rows.pending, since=0) == {"a": cost_id}


async def test_without_a_budget_costs_are_noted_all_the_same(database: Database) -> None:
    cost_id = await database.run(begin, None)
    await database.run(end, cost_id, calls=("a",))
    await database.run(cost_rows.learn, {cost_id: 12})
    row = await database.run(lambda c: c.execute(select(costs)).one())
    assert (row.actual, row.booked, row.reserved) == (12, None, None)
    assert await stands(database) == (0, 0)


async def test_an_order_counts_where_it_was_placed_however_late_it_ends(database: Database) -> None:
    cost_id = await database.run(begin)
    later = NOW + 40 * DAY
    await database.run(begin, 100, now=later)
    await database.run(end, cost_id, now=later, actual=20)
    assert await stands(database) == (0, 20)
    assert await stands(database, now=later) == (100, 0)


async def test_a_budget_that_begins_under_way_knows_what_was_spent(database: Database) -> None:
    for amount in (None, 30):
        cost_id = await database.run(begin, amount)
        await database.run(end, cost_id, actual=25)
    await database.run(begin, 30)  # under way
    week = Budget(90, "week")
    with pytest.raises(Exhausted) as short:
        await database.run(begin, 11, budget=week)
    assert short.value.left == 10
    await database.run(begin, 10, budget=week)
    # Last week's are not this week's.
    await database.run(begin, 90, budget=week, now=NOW + 7 * DAY)


async def test_what_was_queued_before_there_was_a_budget_is_reserved_late(database: Database) -> None:
    early = await database.run(begin, None)
    await database.run(begin, 80)
    with pytest.raises(Exhausted):
        await database.run(cost_rows.reserve, early, MONTH, 30, now=NOW)
    await database.run(cost_rows.reserve, early, MONTH, 20, now=NOW)
    await database.run(end, early, actual=5)
    assert await stands(database) == (80, 5)


async def test_many_at_once_never_pass_the_ceiling(databases: list[Database]) -> None:
    async def order(number: int) -> int | None:
        try:
            return await databases[number % 2].run(begin, 7)
        except Exhausted:
            return None

    placed = await asyncio.gather(*(order(number) for number in range(40)))
    taken = [cost_id for cost_id in placed if cost_id is not None]
    assert len(taken) == 14
    assert await stands(databases[0]) == (98, 0)
    ends = [databases[n % 2].run(end, cost_id, calls=(str(cost_id),)) for n, cost_id in enumerate(taken)]
    await asyncio.gather(*ends)
    learned = [databases[n % 2].run(cost_rows.learn, dict.fromkeys(taken, 3)) for n in range(4)]
    await asyncio.gather(*learned)
    assert await stands(databases[0]) == (0, 3 * 14)


async def test_what_a_process_left_open_is_booked_at_its_reserve(database: Database) -> None:
    await database.run(begin, 30, now=NOW - 60)
    young = await database.run(begin, 20, now=NOW + 60)
    assert await database.run(cost_rows.end_what_was_open, before=NOW, now=NOW) == 1
    assert await stands(database) == (20, 30)
    await database.run(end, young, nothing=True)
    assert await stands(database) == (0, 30)


async def test_refusals_and_alerts_are_noted_on_the_period(database: Database) -> None:
    await database.run(cost_rows.note_refused, MONTH, now=NOW)  # nothing stands there yet
    assert await database.run(cost_rows.spending, MONTH, now=NOW) == Spending()
    await database.run(begin)
    await database.run(cost_rows.note_refused, MONTH, now=NOW)
    await database.run(cost_rows.note_alerted, MONTH, amount=50, now=NOW)
    assert await database.run(cost_rows.spending, MONTH, now=NOW) == Spending(30, 0, 50, NOW)
