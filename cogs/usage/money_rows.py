"""What orders of a person and of a server really cost, added up from `costs`: the figures behind /usage; of all servers
they are in `total_rows`. `day` counts from 1970-01-01 UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import case, func, select

from bot.store.schema import costs

if TYPE_CHECKING:
    from decimal import Decimal

    from sqlalchemy import Column, ColumnElement, Connection

    from cogs.usage.rows import By

_C: Final = costs.c


@dataclass(frozen=True, slots=True)
class Spent:
    """`amount`: millionths of the account's unit. `told`: orders that the service told it of, of all that ended."""

    amount: int = 0
    told: int = 0
    ended: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.amount + other.amount, self.told + other.told, self.ended + other.ended)

    @property
    def untold(self) -> int:
        return self.ended - self.told


def of_person(c: Connection, guild_id: int | None, person_id: int, *, since: int) -> Spent:
    """A person's own orders in a server (None: in direct messages) from the day `since` on."""
    where = (_C.person_id == person_id) & (_C.day >= since) & _C.guild_id.is_not_distinct_from(guild_id)
    return spent_of(*c.execute(select(*sums()).where(where)).one())


def total(c: Connection, *, guild_id: int, since: int) -> Spent:
    """All orders of a server from the day `since` on."""
    return spent_of(*c.execute(select(*sums()).where(_C.guild_id == guild_id, _C.day >= since)).one())


def by(c: Connection, what: By, *, guild_id: int, since: int) -> dict[Any, Spent]:
    """What each person, model or channel cost, the dearest first. A person of None: those without their data."""
    columns: dict[By, Column[Any]] = {"person": _C.person_id, "model": _C.model, "channel": _C.channel_id}
    return _grouped(c, columns[what], guild_id=guild_id, since=since)


def by_day(c: Connection, *, guild_id: int, since: int) -> dict[int, Spent]:
    return _grouped(c, _C.day, guild_id=guild_id, since=since)


def _grouped(c: Connection, column: Column[Any], *, guild_id: int, since: int) -> dict[Any, Spent]:
    amount = func.coalesce(func.sum(_C.actual), 0)
    query = select(column, *sums()).where(_C.guild_id == guild_id, _C.day >= since)
    query = query.group_by(column).order_by(amount.desc(), func.min(_C.id))
    return {of: spent_of(*figures) for of, *figures in c.execute(query)}


def sums(
    of: Any = _C,  # noqa: ANN401 - columns, by their names
) -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    """Of rows of `costs`, or of such columns of theirs: as `Spent`."""
    ended = func.sum(case((of.ended_at.is_not(None), 1), else_=0))
    return func.coalesce(func.sum(of.actual), 0), func.count(of.actual), func.coalesce(ended, 0)


def spent_of(amount: object, told: object, ended: object) -> Spent:
    # PostgreSQL adds BIGINTs up to a decimal, which may be written as 1E+4.
    return Spent(*(int(cast("Decimal | int", figure)) for figure in (amount, told, ended)))
