"""The tables, walked as `bot.store.schema.people` has them declared: for one person, or for all that is old enough.

Everything here that may touch many rows goes in bounded steps, a transaction each: SQLite has one writer, and commands
wait for it. Where no index leads to a person's rows, the whole table is walked by ranges of ids (`next_range`). What
has ended is told by `ended_at`: asked for the state, SQLite would take that index, and read all rows there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, Integer, Text, bindparam, cast, delete, func, or_, select, text, tuple_, update

from bot.periods import DAY_SECONDS
from bot.store import trees
from bot.store.schema import generations, jam_ideas, jam_members, jams, metadata, settings
from bot.store.schema.people import NOBODY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Table, TextClause


def people(table: Table, declared: str) -> list[Column[Any]]:
    """The columns that say of people what becomes of them: deleted, cleared, apart."""
    return [column for column in table.columns if column.info.get("person") == declared]


def owner(table: Table) -> Column[Any] | None:
    """Whose the rows are that are shown of a table: its first column of people."""
    return next((column for column in table.columns if column.info.get("person") in {"deleted", "cleared"}), None)


def parts(table: Table) -> Iterator[tuple[Table, Column[Any]]]:
    """The tables whose rows belong to rows of this one and to nobody else, each with its column that says to which."""
    for other in metadata.tables.values():
        for key in other.foreign_keys:
            if key.column.table is table and key.ondelete == "CASCADE":
                yield other, key.parent


def page(
    c: Connection, table: Table, person_id: int, *, after: Sequence[Any] | None, limit: int
) -> Sequence[RowMapping]:
    """Some of a person's rows, in the order of `key_of`. `after`: the key of the last one of the page before."""
    mine, key = owner(table), key_of(table)
    query = select(table).where(mine == person_id).order_by(*key).limit(limit)
    if after is not None:
        query = query.where(key[0] > after[0] if len(key) == 1 else tuple_(*key) > tuple(after))
    return c.execute(query).mappings().all()


def key_of(table: Table) -> list[Column[Any]]:
    """What a person's rows are in order of, which tells each from the others."""
    mine, by = owner(table), table.info.get("by")
    rest = [column for column in table.primary_key if column is not mine and column.name != by]
    return [table.columns[by], *rest] if by else rest


def belonging(c: Connection, part: Table, to: Column[Any], ids: Collection[int]) -> Sequence[RowMapping]:
    """The rows of a part that belong to rows with these ids."""
    return c.execute(select(part).where(to.in_(ids)).order_by(to, *part.primary_key)).mappings().all()


def next_range(c: Connection, table: Table, *, after: int, size: int) -> int | None:
    """The last id of the next `size` rows after `after`, whoever's; None: there are no more."""
    ids = select(table.c.id).where(table.c.id > after).order_by(table.c.id).limit(size).subquery()
    return c.execute(select(func.max(ids.c.id))).scalar()


def delete_of(c: Connection, column: Column[Any], person_id: int, *, now: float, limit: int) -> list[int]:
    """Delete some of the rows that are a person's; the first part of their keys."""
    key = list(column.table.primary_key)
    some = select(*key).where(column == person_id)
    if where := column.info["where"]:
        some = some.where(_condition(where, now))
    if parent := column.table.info.get("tree"):
        ids = list(c.execute(some.order_by(*key).limit(limit).with_for_update()).scalars())
        trees.take_out(c, column.table, str(parent), ids)
        return ids
    gone = delete(column.table).where(tuple_(*key).in_(some.order_by(*key).limit(limit)))
    return list(c.execute(gone.returning(key[0])).scalars())


def is_indexed(column: Column[Any]) -> bool:
    return any(index.columns[0] is column for index in column.table.indexes)


def clear_some(c: Connection, column: Column[Any], person_id: int, *, limit: int | None = None) -> int:
    """Take a person's name from some rows (`limit` None: from all); how many it were. What they did stays."""
    key = list(column.table.primary_key)
    some = select(*key).where(column == person_id).order_by(*key).limit(limit).with_for_update()
    found = [tuple(row) for row in c.execute(some)]
    nobody = None if column.nullable else NOBODY
    return c.execute(update(column.table).where(tuple_(*key).in_(found)).values({column: nobody})).rowcount


def clear_range(c: Connection, columns: Collection[Column[Any]], person_id: int, *, after: int, upto: int) -> None:
    """Take a person's name from what stands in these columns of one table, with ids in (after, upto]."""
    for column in columns:
        id_ = column.table.c.id
        here = (id_ > after) & (id_ <= upto) & (column == person_id)
        c.execute(update(column.table).where(here).values({column: None}))


def delete_over(c: Connection, table: Table, *, now: float, limit: int) -> int:
    """Delete some rows of a table that nobody has any use for; how many it were."""
    key = list(table.primary_key)
    over = select(*key).where(_condition(table.info["over"], now)).limit(limit)
    return c.execute(delete(table).where(tuple_(*key).in_(over))).rowcount


def forget_words(c: Connection, table: Table, *, after: int, upto: int, now: float, days: int) -> list[int]:
    """Of rows with ids in (after, upto] that ended too long ago, remove what people and the service wrote, in what
    belongs to them too; their ids. How long is kept is the server's `prompt_days`, else `days`.
    """
    t, s = table.c, settings.c
    # Whole numbers are all that this key is ever stored with.
    of_server = (
        select(cast(cast(s.value, Text), Integer))
        .where(s.scope == "server", s.scope_id == t.guild_id, s.key == "prompt_days")
        .scalar_subquery()
    )
    old = t.ended_at < now - func.coalesce(of_server, days) * DAY_SECONDS
    aging = [(part, to) for part, to in parts(table) if part.info.get("go") or _words(part)]
    still = [select(to).where(to == t.id, _says(part)).exists() for part, to in aging]
    some = update(table).where(t.id > after, t.id <= upto, old, or_(_says(table), *still))
    ids = list(c.execute(some.values(_left(table)).returning(t.id)).scalars())
    for part, to in aging if ids else ():
        c.execute((delete(part) if part.info.get("go") else update(part).values(_left(part))).where(to.in_(ids)))
    return ids


def forget_tokens(c: Connection, *, after: int, upto: int, now: float) -> None:
    """Of orders with ids in (after, upto] that ended, remove the interactions' tokens that are over."""
    g = generations.c
    over = (g.id > after) & (g.id <= upto) & g.ended_at.is_not(None) & (g.token_expires_at < now)
    c.execute(update(generations).where(over).values(token=None, token_expires_at=None))


def acts_of(c: Connection, person_id: int, *, after: int, upto: int) -> Sequence[RowMapping]:
    """Other people's orders with ids in (after, upto] that a person ended or removed."""
    g = generations.c
    theirs = or_(g.ended_by == person_id, g.removed_by == person_id) & (g.person_id != person_id)
    query = select(g.id, g.kind, g.ended_by, g.ended_at, g.removed_by, g.removed_at)
    return c.execute(query.where(theirs, g.id > after, g.id <= upto).order_by(g.id)).mappings().all()


def jams_of(c: Connection, person_id: int) -> Sequence[RowMapping]:
    """The jams that a person started, closed, was in or gave to, and when they came and left; oldest first."""
    j, m = jams.c, jam_members.c
    gave = select(jam_ideas.c.jam_id).where(jam_ideas.c.person_id == person_id)
    theirs = or_(j.started_by == person_id, j.ended_by == person_id, m.person_id == person_id, j.id.in_(gave))
    there = jams.outerjoin(jam_members, (m.jam_id == j.id) & (m.person_id == person_id))
    query = select(jams, m.joined_at, m.left_at).select_from(there).where(theirs).order_by(j.id)
    return c.execute(query).mappings().all()


def forget_themes(c: Connection, person_id: int, *, limit: int) -> int:
    """Of some jams that are over, what they were about, where it was this person who said so; of how many."""
    said_so = (jams.c.started_by == person_id) & (jams.c.state == "over") & (jams.c.theme != "")
    some = select(jams.c.id).where(said_so).order_by(jams.c.id).limit(limit).with_for_update()
    ids = list(c.execute(some).scalars())
    return c.execute(update(jams).where(jams.c.id.in_(ids)).values(theme="", style=None)).rowcount


def is_time(column: Column[Any]) -> bool:
    return isinstance(column.type, Double)


def _condition(condition: str, now: float) -> TextClause:
    moment = bindparam("now", now, Double[float]()), bindparam("today", int(now // DAY_SECONDS), Integer())
    return text(condition).bindparams(*(each for each in moment if f":{each.key}" in condition))


def _words(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.info.get("words")]


def _left(table: Table) -> dict[Column[Any], Any]:
    return {column: column.info["left"] for column in _words(table)}


def _says(table: Table) -> ColumnElement[bool]:
    """Whether there are words left in a row; where it would go as a whole, there are."""
    texts = (column for column in _words(table) if isinstance(column.info["left"], str | None))
    left = [column.is_distinct_from(column.info["left"]) for column in texts]
    return or_(*left) if left else table.primary_key.columns[0].is_not(None)
