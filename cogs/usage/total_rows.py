"""What all servers' orders of a month come to: totals of what is final, and what came since.

What an order costs in credits is final once it is settled, what it really costs some hours after it ended. Then it is
added to `totals`, some hours of orders at a time; what is asked for is those and the rows that came since. So every
figure is what the rows themselves come to, and of ten million of them some thousands are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from sqlalchemy import BigInteger, Text, case, delete, func, literal, select, true, union_all

from bot.orders.cost_log import WITHIN_SECONDS
from bot.periods import DAY_SECONDS, HOUR_SECONDS, first_day, period_start
from bot.store import key_values as facts
from bot.store.schema import costs, reservations, totals
from bot.store.upsert import insert_for
from cogs.usage.money_rows import Spent, spent_of, sums
from cogs.usage.rows import ServerSum, sum_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Select, Subquery

By: TypeAlias = Literal["server", "channel", "person", "model", "day"]

UNTIL: Final = "totals_until"
"""The fact that says until when what ended is in the totals (Unix seconds)."""
FINAL_SECONDS: Final = WITHIN_SECONDS + HOUR_SECONDS
SLICE_SECONDS: Final = 2.0 * HOUR_SECONDS
"""Of orders that are added in one transaction: SQLite has one writer, and commands wait for it."""
DAYS_BEFORE: Final = 7
"""Of the month before, that days are asked for."""

_C: Final = costs.c
_R: Final = reservations.c
_T: Final = totals.c
_FIGURES: Final = ("amount", "told", "ended")
_NEVER: Final = 2**31 - 1
_OF: Final[Mapping[str, Column[Any]]] = {
    "server": _C.guild_id,
    "channel": _C.channel_id,
    "person": _C.person_id,
    "model": _C.model,
    "day": _C.day,
}


def add_next(c: Connection, *, now: float) -> bool:
    """Add the next orders that are final. False: there are none yet."""
    month, before = period_start("month", now), facts.get(c, UNTIL)
    since = max(float(before or 0), float((first_day("month", month) - DAYS_BEFORE) * DAY_SECONDS))
    ends = [c.execute(select(func.min(at)).where(at > since)).scalar() for at in (_C.ended_at, _R.settled_at)]
    first = min((end for end in ends if end is not None), default=now)
    if first > now - FINAL_SECONDS:
        return False
    upto = min(first + SLICE_SECONDS, now - FINAL_SECONDS)
    taken = facts.put_new(c, UNTIL, str(upto)) if before is None else facts.replace(c, UNTIL, before, str(upto))
    if not taken:
        return False  # another process adds them
    for each in (month - 1, month):
        _add_month(c, each, since, upto)
    c.execute(delete(totals).where(_T.month < month - 1))
    return True


def spent(c: Connection, by: By, *, since: int, most: int | None = None) -> dict[Any, Spent]:
    """What orders really cost from the first day of a month on (`by` "day": any day), the dearest first.

    `most`: so many at most, and nobody whose data was deleted. A server of None: direct messages.
    """
    until, month = _until(c), period_start("month", since * DAY_SECONDS)
    new = _rows(_C.ended_at, _C.day, since, until, _OF[by].label("of"), _C.actual, _C.ended_at).c
    figures = [figure.label(name) for figure, name in zip(sums(new), _FIGURES, strict=True)]
    live = select(new.of, *figures).group_by(new.of)
    key = _T.model if by == "model" else func.nullif(_T.of_id, 0) if by == "server" else _T.of_id
    final = select(key.label("of"), *(_T[name] for name in _FIGURES)).where(_T.kind == by)
    if by == "day":
        final = final.where(_T.month.in_((month, month + 1)), _T.of_id + 0 >= since)
    else:
        final = final.where(_T.month == month)
    if most is not None:
        found = _most(c, live.where(new.of.is_not(None)), final, most)
    else:
        both = union_all(live, final).subquery()
        query = select(both.c.of, *(func.sum(both.c[name]) for name in _FIGURES)).group_by(both.c.of)
        found = {of: spent_of(*figures) for of, *figures in c.execute(query)}
    return dict(sorted(found.items(), key=lambda one: -one[1].amount)[:most])


def servers(c: Connection, *, since: int) -> list[ServerSum]:
    """Every server with orders from the first day of a month on, the most credits first."""
    until, month = _until(c), period_start("month", since * DAY_SECONDS)
    told = (_R.guild_id, _R.person_id, _R.spent, _R.price, _R.settled_at)
    rows = _rows(_R.settled_at, _R.day, since, until, *told)
    live, new = rows.c, _new_people(rows, (since, _NEVER), until).subquery()
    reserved = case((live.settled_at.is_(None), live.price), else_=0)
    none = literal(0, BigInteger)
    both = union_all(
        select(
            live.guild_id.label("of"),
            func.coalesce(func.sum(live.spent), 0).label("spent"),
            func.sum(reserved).label("reserved"),
            func.count().label("orders"),
            none.label("people"),
        ).group_by(live.guild_id),
        select(new.c.guild_id, none, none, none, new.c.people),
        select(_T.of_id, _T.spent, none, _T.orders, _T.people).where(
            _T.month == month, _T.kind == "server", _T.orders > 0
        ),
    ).subquery()
    credits_, held, orders, people = (func.sum(both.c[name]) for name in ("spent", "reserved", "orders", "people"))
    query = select(both.c.of, credits_, held, orders, people).group_by(both.c.of)
    found = c.execute(query.order_by((credits_ + held).desc(), both.c.of))
    return [ServerSum(row[0], sum_of(*row[1:4]), int(row[4])) for row in found]


def _most(c: Connection, live: Select[Any], final: Select[Any], most: int) -> dict[Any, Spent]:
    """Who comes first is among those who came first before, or has something since."""
    since, before = live.subquery(), final.subquery()
    added = [since.c[name] + func.coalesce(before.c[name], 0) for name in _FIGURES]
    query = select(since.c.of, *added).outerjoin_from(since, before, before.c.of == since.c.of)
    first = [
        *c.execute(final.order_by(_T.amount.desc()).limit(most)),
        *c.execute(query.order_by(added[0].desc()).limit(most)),
    ]
    return {of: spent_of(*figures) for of, *figures in first}


def _add_month(c: Connection, month: int, since: float, upto: float) -> None:
    """What of a month's ended after `since` and until `upto`."""
    days = first_day("month", month), first_day("month", month + 1) - 1
    for by, of in _OF.items():
        key = (func.coalesce(of, 0), literal("", Text)) if by != "model" else (literal(0, BigInteger), of)
        query = select(literal(month), literal(by, Text), *key, *sums()).group_by(of)
        ended = (_C.ended_at > since) & (_C.ended_at <= upto) & (_C.day + 0).between(*days)
        _add(c, _FIGURES, query.where(ended, true() if by == "server" else of.is_not(None)))
    settled = (_R.settled_at > since) & (_R.settled_at <= upto) & (_R.day + 0).between(*days)
    server = literal(month), literal("server", Text), _R.guild_id, literal("", Text)
    query = select(*server, func.count(), func.sum(_R.spent)).where(settled).group_by(_R.guild_id)
    _add(c, ("orders", "spent"), query)
    those = select(_R.guild_id, _R.person_id).where(settled).subquery()
    new = _new_people(those, days, since).subquery()
    # The condition is for SQLite, which else takes what follows for a part of the query.
    _add(c, ("people",), select(*server[:2], new.c.guild_id, server[3], new.c.people).where(new.c.people > 0))


def _add(c: Connection, figures: Sequence[str], query: Select[*tuple[Any, ...]]) -> None:
    key = ("month", "kind", "of_id", "model")
    insert = insert_for(c, totals).from_select([*key, *figures], query)
    more = {name: _T[name] + insert.excluded[name] for name in figures}
    c.execute(insert.on_conflict_do_update(index_elements=key, set_=more))


def _new_people(rows: Subquery, days: tuple[int, int], since: float | None) -> Select[int, int]:
    """Of each server how many people there are in these rows who had nothing settled in those days until `since`."""
    known = rows.c.person_id.is_not(None)
    those = select(rows.c.guild_id, rows.c.person_id).where(known).distinct().subquery()
    query = select(those.c.guild_id, func.count().label("people")).group_by(those.c.guild_id)
    if since is None:
        return query
    r = reservations.alias().c
    # By what is the person's: with the server as it is SQLite reads all that its members ordered.
    before = (r.person_id == those.c.person_id) & (r.guild_id + 0 == those.c.guild_id)
    before &= r.day.between(*days) & (r.settled_at <= since)
    return query.where(~select(r.id).where(before).exists())


def _until(c: Connection) -> float | None:
    until = facts.get(c, UNTIL)
    return None if until is None else float(until)


def _rows(at: Column[Any], day: Column[Any], since: int, until: float | None, *columns: ColumnElement[Any]) -> Subquery:
    """The orders from the day `since` on that are in no total."""
    if until is None:
        return select(*columns).where(day >= since).subquery()
    # By their end, which tells how few they are. Asked for both at once, or for the day as it is, SQLite reads all.
    new = (select(*columns).where(ended, day + 0 >= since) for ended in (at > until, at.is_(None)))
    return union_all(*new).subquery()
