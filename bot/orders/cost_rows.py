"""`costs` and `budgets`: what each order is reserved at, booked at and really costs, in millionths of a unit.

An order reserves the most that it may cost on the budget of its day, week or month, in its own transaction and by a
conditional UPDATE, so orders at the same time can't pass the ceiling. When it ends it is booked at its reserve, at
nothing where nothing was made, or at what it cost where that is known; what is learned later takes the place of that,
on the same budget. The budget is the last row that a transaction locks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import BigInteger, Double, bindparam, case, delete, func, insert, select, update

from bot.money import Budget
from bot.periods import DAY_SECONDS
from bot.store.database import wake
from bot.store.schema import budgets as b
from bot.store.schema import costs as t
from bot.store.schema import generations
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from sqlalchemy import ColumnElement, Connection, Executable

SPENT: Final = "budget"
"""What wakes whoever tells of a budget: more of it is spent, or it refused an order."""
MOST_PENDING: Final = 5000
"""Costs that are asked for at once: a log that tells of so many calls is not known."""


class Whose(NamedTuple):
    """Whose order a call belongs to, as its columns."""

    guild_id: int | None
    channel_id: int
    person_id: int | None
    kind: str


class Exhausted(Exception):
    """The budget has only `left` of what an order may cost. Raised in the transaction, it undoes the order."""

    def __init__(self, reserve: int, left: int) -> None:
        super().__init__(f"{reserve} millionths wanted, {left} left of the budget")
        self.reserve = reserve
        self.left = left


@dataclass(frozen=True, slots=True)
class Spending:
    """What stands on the budget of a period. `alerted`: of how much its owner was told."""

    reserved: int = 0
    spent: int = 0
    alerted: int = 0
    refused_at: float | None = None

    @property
    def used(self) -> int:
        return self.reserved + self.spent


@dataclass(frozen=True, slots=True)
class Ended:
    """An order's end. `calls`: what the service called its requests. `nothing`: it is known to have made nothing.

    `actual`: what it cost, where that is known by now.
    """

    calls: Sequence[str] = ()
    nothing: bool = False
    actual: int | None = None


_INSERT: Final = insert(t).returning(t.c.id)
"""Made once: it is run with every order."""


def begin(
    c: Connection,
    *,
    guild_id: int | None,
    channel_id: int,
    person_id: int | None,
    kind: str,
    model: str,
    generation_id: int | None,
    reserve: tuple[Budget, int] | None,
    now: float,
) -> int:
    """Note an order, and reserve the most that it may cost, where there is a budget. Exhausted, which must undo it."""
    on: dict[str, Any] = {}
    if reserve is not None:
        budget, amount = reserve
        on = {"period": budget.period, "starts": budget.start(now), "reserved": amount}
    values = {
        "guild_id": guild_id,
        "channel_id": channel_id,
        "person_id": person_id,
        "kind": kind,
        "model": model,
        "generation_id": generation_id,
        "day": int(now // DAY_SECONDS),
        "created_at": now,
        **on,
    }
    cost_id: int = c.execute(_INSERT, values).scalar_one()
    if reserve is not None:
        _reserve(c, cost_id, *reserve, now)
    return cost_id


def reserve(c: Connection, cost_id: int, budget: Budget, amount: int, *, now: float) -> None:
    """Reserve what was ordered before there was a budget. Exhausted, which must undo the transaction."""
    on = {"period": budget.period, "starts": budget.start(now), "reserved": amount}
    c.execute(update(t).where(t.c.id == cost_id).values(on))
    _reserve(c, cost_id, budget, amount, now)


def end(c: Connection, cost_id: int, ended: Ended, *, now: float) -> None:
    """An order has ended. Once only: a second call does nothing."""
    known: dict[str, Any] = {}
    if ended.actual is not None or ended.nothing:
        # Of what made nothing a log may tell what was given back without saying so.
        known = {"to_book": ended.actual or 0, "to_call": None}
    elif ended.calls:
        known = {"to_call": list(ended.calls)}
    row = c.execute(_end(*known), {"wanted": cost_id, "at": now, "known": ended.actual, **known}).first()
    if row is not None and row.reserved is not None:
        _book(c, row.period, row.starts, freed=row.reserved, spent=row.booked)


@cache
def _end(*known: str) -> Executable:
    """Made once: it is run with every order. What is not `known` stays as it is, and is booked at its reserve."""
    values: dict[str, Any] = {
        "ended_at": bindparam("at", type_=Double),
        "actual": bindparam("known", type_=BigInteger),
        "booked": bindparam("to_book", type_=BigInteger) if "to_book" in known else t.c.reserved,
    }
    if "to_call" in known:
        values["calls"] = bindparam("to_call", type_=t.c.calls.type)
    done = update(t).where(t.c.id == bindparam("wanted", type_=BigInteger), t.c.ended_at.is_(None)).values(values)
    return done.returning(t.c.period, t.c.starts, t.c.reserved, t.c.booked)


def note_calls(c: Connection, cost_id: int, calls: Sequence[str]) -> None:
    """What is under way is called so by the service."""
    c.execute(update(t).where(t.c.id == cost_id, t.c.ended_at.is_(None)).values(calls=list(calls)))


def learn(c: Connection, costs: Mapping[int, int]) -> dict[str, tuple[int, int]]:
    """What orders that ended really cost, by their ids; each once. By model the dearest of them, and its reserve."""
    dear: dict[str, tuple[int, int]] = {}
    changes: dict[tuple[str, int], int] = {}
    for cost_id, actual in sorted(costs.items()):
        columns = (t.c.period, t.c.starts, t.c.booked, t.c.model, t.c.reserved)
        before = select(*columns).where(t.c.id == cost_id, t.c.actual.is_(None))
        row = c.execute(before.with_for_update()).first()
        if row is None:
            continue
        reserved = t.c.reserved.is_not(None)
        values = {"actual": actual, "booked": case((reserved, actual), else_=None), "calls": None}
        c.execute(update(t).where(t.c.id == cost_id).values(values))
        if row.period is not None:
            on = (row.period, row.starts)
            changes[on] = changes.get(on, 0) + actual - row.booked
        _note_dear(dear, row.model, actual, row.reserved)
    for on, change in sorted(changes.items()):
        _book(c, *on, freed=0, spent=change)
    return dear


def raise_reserves(c: Connection, model: str, factor: Fraction, *, before: float, since: float) -> None:
    """Reserve so many times as much for what was ordered `before` and is not told yet, as far as it is under way or
    ended after `since`. That may be more than the budget has; then nothing else is ordered.
    """
    ended = (t.c.ended_at > since) & t.c.calls.is_not(None) & (t.c.booked == t.c.reserved)
    open_ = t.c.actual.is_(None) & (t.c.reserved > 0) & (t.c.ended_at.is_(None) | ended)
    query = select(t.c.id, t.c.period, t.c.starts, t.c.reserved, t.c.ended_at)
    changes: dict[tuple[str, int], tuple[int, int]] = {}
    for row in c.execute(
        query.where(t.c.model == model, t.c.created_at < before, open_).order_by(t.c.id).with_for_update()
    ).all():
        more = math.ceil(row.reserved * factor) - row.reserved
        booked = {} if row.ended_at is None else {"booked": row.reserved + more}
        c.execute(update(t).where(t.c.id == row.id).values(reserved=row.reserved + more, **booked))
        reserved, spent = changes.get((row.period, row.starts), (0, 0))
        changes[row.period, row.starts] = (reserved, spent + more) if booked else (reserved + more, spent)
    for on, (reserved, spent) in sorted(changes.items()):
        _book(c, *on, freed=-reserved, spent=spent)


def aside(  # noqa: PLR0917 - whose, and what
    c: Connection, whose: Whose, model: str, amount: int, budget: Budget | None, now: float, *, told: bool = True
) -> int:
    """Note what a call beside orders cost, that nothing was reserved for: it is on the budget all the same. Not `told`:
    it is about to be sent, and costs about so much until the service says how much.
    """
    on: dict[str, Any] = {}
    if budget is not None:
        on = {"period": budget.period, "starts": budget.start(now), "reserved": 0, "booked": amount}
    values = whose._asdict() | on | ({"actual": amount} if told else {})
    made = insert(t).values(**values, model=model, created_at=now, ended_at=now, day=int(now // DAY_SECONDS))
    cost_id: int = c.execute(made.returning(t.c.id)).scalar_one()
    if budget is not None:
        _held(c, cost_id, budget, now)
        _book(c, budget.period, budget.start(now), freed=0, spent=amount)
    return cost_id


def called(c: Connection, cost_id: int, call: str) -> None:
    """The service called a call beside orders so."""
    c.execute(update(t).where(t.c.id == cost_id, t.c.actual.is_(None)).values(calls=[call]))


def sent_nothing(c: Connection, cost_id: int) -> None:
    """A call beside orders was not taken: it is as if it had never been noted."""
    learn(c, {cost_id: 0})
    c.execute(delete(t).where(t.c.id == cost_id))


def forget_free(c: Connection, model: str, *, before: float) -> None:
    """Calls beside orders that cost nothing, by what was told, or that nobody told of and that were never seen to cost
    anything: else the log would be looked through for them, and orders be crowded out.
    """
    free = (func.coalesce(t.c.booked, 0) == 0) & (func.coalesce(t.c.actual, 0) == 0)
    known = t.c.actual.is_not(None) | (t.c.created_at < before)
    c.execute(delete(t).where(t.c.model == model, t.c.generation_id.is_(None), t.c.ended_at.is_not(None), free, known))


def most_of(c: Connection, model: str, *, since: int) -> int:
    """The most that one call of a model was told to cost since that day."""
    where = (t.c.day >= since) & (t.c.model == model)
    return int(c.execute(select(func.coalesce(func.max(t.c.actual), 0)).where(where)).scalar_one())


def of_generation(c: Connection, generation_id: int) -> tuple[int, int | None] | None:
    """The id and the reserve of a picture or video that is under way. None: nothing was noted of it, or it ended."""
    where = (t.c.generation_id == generation_id) & t.c.ended_at.is_(None)
    row = c.execute(select(t.c.id, t.c.reserved).where(where)).first()
    return None if row is None else (row.id, row.reserved)


def end_what_was_open(c: Connection, *, before: float, now: float) -> int:
    """End the questions that a process which is no more left open: the service may have answered. How many it were."""
    open_ = t.c.ended_at.is_(None) & t.c.generation_id.is_(None) & (t.c.created_at < before)
    left = list(c.execute(select(t.c.id).where(open_)).scalars())
    for cost_id in left:
        end(c, cost_id, Ended(), now=now)
    return len(left)


def is_old(c: Connection) -> bool:
    """Whether anything was ever ordered by this database, as far as it left a row."""
    return any(c.execute(select(table.c.id).limit(1)).first() is not None for table in (t, generations))


def pending(c: Connection, *, since: float) -> dict[str, int]:
    """Of orders that ended after `since` and whose cost is not known: what the service called their requests → id."""
    query = select(t.c.id, t.c.calls).where(t.c.ended_at > since, t.c.actual.is_(None), t.c.calls.is_not(None))
    found = c.execute(query.order_by(t.c.ended_at.desc()).limit(MOST_PENDING))
    return {str(call): cost_id for cost_id, calls in found for call in calls}


def dearest(c: Connection, *, since: int) -> dict[str, tuple[int, int]]:
    """Of each model whose costs were told since that day the dearest order, and its reserve."""
    told = (t.c.day >= since) & t.c.actual.is_not(None) & (t.c.reserved > 0)
    models = c.execute(select(t.c.model).where(told).distinct()).scalars()
    found: dict[str, tuple[int, int]] = dict.fromkeys(map(str, models), (0, 1))
    over = select(t.c.model, t.c.actual, t.c.reserved).where(told, t.c.actual > t.c.reserved)
    for model, actual, reserved in c.execute(over):
        _note_dear(found, model, actual, reserved)
    return found


def _note_dear(found: dict[str, tuple[int, int]], model: str, actual: int, reserved: int | None) -> None:
    if reserved:
        worst = found.get(model, (0, 1))
        found[model] = (actual, reserved) if actual * worst[1] >= worst[0] * reserved else worst


def spending(c: Connection, budget: Budget, *, now: float) -> Spending:
    """How a budget stands in the period of `now`."""
    where = _is(budget.period, budget.start(now))
    row = c.execute(select(b.c.reserved, b.c.spent, b.c.alerted, b.c.refused_at).where(where)).first()
    return Spending() if row is None else Spending(*row)


def note_refused(c: Connection, budget: Budget, *, now: float) -> None:
    """An order was refused, since the budget has too little left for it."""
    c.execute(update(b).where(_is(budget.period, budget.start(now))).values(refused_at=now))
    wake(c, SPENT)


def note_alerted(c: Connection, budget: Budget, *, amount: int, now: float) -> None:
    """The owner was told that so much of it is used."""
    c.execute(update(b).where(_is(budget.period, budget.start(now))).values(alerted=amount))


def _reserve(c: Connection, cost_id: int, budget: Budget, amount: int, now: float) -> None:
    reserved, spent = _held(c, cost_id, budget, now)
    fits = b.c.reserved + b.c.spent + amount <= budget.limit
    where = _is(budget.period, budget.start(now)) & fits
    if not c.execute(update(b).where(where).values(reserved=b.c.reserved + amount)).rowcount:
        raise Exhausted(amount, max(0, budget.limit - reserved - spent))


def _held(c: Connection, cost_id: int, budget: Budget, now: float) -> tuple[int, int]:
    """What is reserved and spent of the period of `now`, which is held until the transaction ends."""
    starts = budget.start(now)
    fresh = insert_for(c, b).values(period=budget.period, starts=starts)
    # An update of nothing: the row is held from here on.
    held = fresh.on_conflict_do_update(index_elements=[b.c.period, b.c.starts], set_={"alerted": b.c.alerted})
    reserved, spent = c.execute(held.returning(b.c.reserved, b.c.spent)).one()
    if not reserved and not spent:
        spent = _spent_before(c, cost_id, budget.first_day(starts))
        c.execute(update(b).where(_is(budget.period, starts)).values(spent=spent))
    return reserved, spent


def _spent_before(c: Connection, cost_id: int, first_day: int) -> int:
    """What the days of a budget have seen that begins under way: BUDGET was set, or its period changed."""
    amount = func.coalesce(t.c.actual, t.c.booked, t.c.reserved, 0)
    total = select(func.coalesce(func.sum(amount), 0)).where(t.c.day >= first_day, t.c.id != cost_id)
    return int(c.execute(total).scalar_one())


def _book(c: Connection, period: str, starts: int, *, freed: int, spent: int) -> None:
    values = {"reserved": b.c.reserved - freed, "spent": b.c.spent + spent}
    c.execute(update(b).where(_is(period, starts)).values(values))
    wake(c, SPENT)


def _is(period: str, starts: int) -> ColumnElement[bool]:
    return (b.c.period == period) & (b.c.starts == starts)
