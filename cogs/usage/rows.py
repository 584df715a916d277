"""What was spent, added up from the reservations: the figures behind /usage. `day` counts from 1970-01-01 UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from sqlalchemy import case, func, null, select

from bot.kinds import Kind
from bot.store.schema import costs, generations, reservations

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import Column, ColumnElement, Connection, FromClause, Table

By: TypeAlias = Literal["person", "model", "channel"]

_R: Final = reservations.c
_C: Final = costs.c
_CREDITS: Final = func.coalesce(_R.spent, _R.price)


@dataclass(frozen=True, slots=True)
class Sum:
    """`spent` and `reserved`, in credits, of `orders`."""

    spent: int = 0
    reserved: int = 0
    orders: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.spent + other.spent, self.reserved + other.reserved, self.orders + other.orders)

    @property
    def all(self) -> int:
        return self.spent + self.reserved


@dataclass(frozen=True, slots=True)
class ServerSum:
    """A server's sum, and how many people it is of."""

    guild_id: int
    sum: Sum
    people: int


@dataclass(frozen=True, slots=True)
class Use:
    """One order. `at`: Unix seconds. `person_id` None: their data was deleted. `credits` None: there were none.
    `cost`: in millionths of the account's unit; None: the service has not told. `day`: of what has no row of its own,
    else 0.
    """

    id: int
    day: int
    at: float
    person_id: int | None
    command: str
    model: str
    channel_id: int
    state: str
    credits: int | None
    cost: int | None


def of_person(c: Connection, *, guild_id: int, person_id: int, since: int) -> dict[str, Sum]:
    """What a person's own orders cost them in a server from the day `since` on, by command."""
    query = (
        select(_R.kind, *_sums(_R.spent_by_person))
        # Without the sum SQLite takes the index by server, and reads all that its members ordered.
        .where(_R.guild_id + 0 == guild_id, _R.person_id == person_id, _R.day >= since)
        .group_by(_R.kind)
    )
    return {kind: sum_of(*sums) for kind, *sums in c.execute(query)}


def of_server(c: Connection, *, guild_id: int, since: int) -> Sum:
    """What a server spent from the day `since` on."""
    query = select(*_sums(_R.spent)).where(_R.guild_id == guild_id, _R.day >= since)
    return sum_of(*c.execute(query).one())


def most(c: Connection, by: By, *, guild_id: int, since: int, limit: int) -> list[tuple[Any, Sum]]:
    """Who, or what, a server's credits went to from the day `since` on: the most first.

    A person of None stands for all who had their data deleted.
    """
    columns: dict[By, Column[Any]] = {"person": _R.person_id, "model": _R.model, "channel": _R.channel_id}
    column = columns[by]
    query = (
        select(column, *_sums(_R.spent))
        .where(_R.guild_id == guild_id, _R.day >= since)
        .group_by(column)
        .having(_charged() > 0)
        .order_by(_charged().desc(), func.min(_R.id))
        .limit(limit)
    )
    return [(of, sum_of(*sums)) for of, *sums in c.execute(query)]


def by_day(c: Connection, *, guild_id: int, since: int) -> dict[tuple[int, str], int]:
    """A server's credits, spent and reserved, by day and command."""
    query = (
        select(_R.day, _R.kind, _charged()).where(_R.guild_id == guild_id, _R.day >= since).group_by(_R.day, _R.kind)
    )
    return {(day, kind): int(amount) for day, kind, amount in c.execute(query)}


def orders_of(c: Connection, *, guild_id: int, after: Use | None, limit: int) -> list[Use]:
    """A server's images and videos, newest first; the next page is after the last one's."""
    g = generations.c
    query = (
        select(g.id, g.created_at, g.person_id, g.kind, g.model, g.channel_id, g.state, _CREDITS, _C.actual)
        .select_from(
            generations.outerjoin(reservations, _R.generation_id == g.id).outerjoin(costs, _C.generation_id == g.id)
        )
        .where(g.guild_id == guild_id)
    )
    if after is not None:
        query = query.where(g.id < after.id)
    rows = c.execute(query.order_by(g.id.desc()).limit(limit))
    return [Use(id_, 0, at, person_id, Kind(kind).command, *rest) for id_, at, person_id, kind, *rest in rows]


def questions_of(c: Connection, *, guild_id: int, after: Use | None, limit: int) -> list[Use]:
    """As `orders_of`, of what has no row of its own: questions, and orders that were deleted since."""
    # Both are noted in one transaction, at one moment.
    same = (_R.guild_id == _C.guild_id) & (_R.day == _C.day) & (_R.created_at == _C.created_at) & (_R.kind == _C.kind)
    of = costs.outerjoin(reservations, same & _R.generation_id.is_(None))
    return _without_row(c, costs, of, _C.ended_at, _C.actual, guild_id=guild_id, after=after, limit=limit)


def charges_of(c: Connection, *, guild_id: int, after: Use | None, limit: int) -> list[Use]:
    """As `questions_of`, of a time when what orders really cost was not noted."""
    same = (_C.guild_id == _R.guild_id) & (_C.day == _R.day) & (_C.created_at == _R.created_at) & (_C.kind == _R.kind)
    where = ~select(_C.id).where(same).exists()
    return _without_row(
        c, reservations, reservations, _R.settled_at, null(), where, guild_id=guild_id, after=after, limit=limit
    )


def _without_row(
    c: Connection,
    table: Table,
    of: FromClause,
    ended: Column[Any],
    actual: ColumnElement[Any],
    *where: ColumnElement[bool],
    guild_id: int,
    after: Use | None,
    limit: int,
) -> list[Use]:
    t = table.c
    state = case((ended.is_(None), "running"), else_="ended")
    query = (
        select(t.id, t.day, t.created_at, t.person_id, t.kind, t.model, t.channel_id, state, _CREDITS, actual)
        .select_from(of)
        .where(t.guild_id == guild_id, t.generation_id.is_(None), *where)
    )
    if after is not None:
        query = query.where((t.day < after.day) | ((t.day == after.day) & (t.id < after.id)))
    return [Use(*row) for row in c.execute(query.order_by(t.day.desc(), t.id.desc()).limit(limit))]


def _charged() -> ColumnElement[int]:
    return func.sum(func.coalesce(_R.spent, _R.price))


def _sums(spent: Column[Any]) -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    reserved = case((_R.settled_at.is_(None), _R.price), else_=0)
    return func.coalesce(func.sum(spent), 0), func.coalesce(func.sum(reserved), 0), func.count()


def sum_of(spent: object, reserved: object, orders: object) -> Sum:
    # PostgreSQL adds BIGINTs up to a decimal, which may be written as 1E+4.
    return Sum(*(int(cast("Decimal | int", figure)) for figure in (spent, reserved, orders)))
