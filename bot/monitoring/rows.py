"""What the database knows that is measured: read each quarter of a minute, by indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from bot.orders import cost_rows
from bot.periods import DAY_SECONDS
from bot.store.schema import LIVE_STATES, costs, generations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from bot.money import Budget
    from bot.orders.cost_rows import Spending


class Measured(NamedTuple):
    """`live`: kind and state → orders. `cost`: kind → what today's orders (UTC) cost, in millionths."""

    live: Mapping[tuple[str, str], int]
    cost: Mapping[str, int]
    spending: Spending | None


def measure(c: Connection, budget: Budget | None, *, now: float) -> Measured:
    g = generations.c
    live = select(g.kind, g.state, func.count()).where(g.state.in_(LIVE_STATES)).group_by(g.kind, g.state)
    spent = func.sum(func.coalesce(costs.c.actual, costs.c.booked, 0))
    today = select(costs.c.kind, spent).where(costs.c.day == int(now // DAY_SECONDS)).group_by(costs.c.kind)
    return Measured(
        {(kind, state): count for kind, state, count in c.execute(live)},
        {kind: int(amount) for kind, amount in c.execute(today)},
        None if budget is None else cost_rows.spending(c, budget, now=now),
    )
