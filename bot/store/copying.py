"""All rows of one database copied into another, whichever engines the two are of.

Each side's tables are read from the database itself, so a copy can be made of a schema that is not this code's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    Double,
    Integer,
    MetaData,
    Text,
    bindparam,
    cast,
    func,
    insert,
    inspect,
    select,
    text,
)

from bot.store.schema import CleanText, metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Column, Connection, Table

AT_ONCE: Final = 1000
"""Rows."""
JUMP: Final = 1_000_000
"""How far numbers are moved on where it is not known which were given since: more orders than anybody has."""
_ALEMBIC: Final = "alembic_version"
_PRIME: Final = 1_000_003


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy the rows of every table that both have into empty ones, and with them which numbers were given."""
    from_, into = _tables(source), _tables(target)
    for name, table in into.items():
        if name not in from_ or name == _ALEMBIC:
            continue
        old = from_[name]
        columns = [column for column in old.columns if column.name in table.columns]
        # A row comes after the one that it comes from, whose id is lower.
        page = select(*map(_as_text, columns)).order_by(*old.primary_key).execution_options(yield_per=AT_ONCE)
        put = _insert(table, target.dialect.name)
        for rows in source.execute(page).mappings().partitions():
            target.execute(put, [dict(row) for row in rows])
    set_counters(target, counters(source))


def counters(c: Connection) -> dict[str, int]:
    """Table → the highest number that was ever given there, as far as the database keeps it."""
    if c.dialect.name == "sqlite":
        if "sqlite_sequence" not in c.execute(text("SELECT name FROM sqlite_master")).scalars().all():
            return {}
        return {name: int(last) for name, last in c.execute(text("SELECT name, seq FROM sqlite_sequence"))}
    given: dict[str, int] = {}
    for table, name in _sequences(c):
        last, called = c.execute(text(f"SELECT last_value, is_called FROM {name}")).one()  # noqa: S608 - PostgreSQL's own
        given[table] = int(last) if called else 0
    return given


def set_counters(c: Connection, given: Mapping[str, int], *, on: int = 0) -> None:
    """Have no number given again that is at most what `given` says, or that stands in a row; then so many `on`."""
    if c.dialect.name == "sqlite":
        known = counters(c)
        numbered = c.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")).scalars().all()
        for name in numbered:
            values = {"name": name, "seq": max(known.get(name, 0), given.get(name, 0)) + on}
            c.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            c.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), values)
        return
    for table, name in _sequences(c):
        highest = int(c.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar_one())  # noqa: S608 - ours
        last = max(highest, given.get(table, 0)) + on
        c.execute(
            text("SELECT setval(:name, :last, :called)"), {"name": name, "last": max(last, 1), "called": last > 0}
        )


def totals(c: Connection) -> dict[str, tuple[int | float | None, ...]]:
    """Table → its rows, and of each column what tells whether all of it is there: to compare two databases by."""
    return {
        name: tuple(_number(value) for value in c.execute(select(func.count(), *_sums(table)).select_from(table)).one())
        for name, table in metadata.tables.items()
    }


def _tables(c: Connection) -> dict[str, Table]:
    """As they stand in the database; those first that others point to."""
    found = MetaData()
    found.reflect(c)
    return {table.name: table for table in found.sorted_tables}


def _sequences(c: Connection) -> list[tuple[str, str]]:
    """PostgreSQL's sequences of our tables: (table, name)."""
    found: list[tuple[str, str]] = []
    for table in set(inspect(c).get_table_names()) & set(metadata.tables):
        if "id" in metadata.tables[table].columns:
            name = c.execute(text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": table}).scalar()
            found += [(table, name)] if name else []
    return sorted(found)


def _as_text(column: Column[Any]) -> Any:  # noqa: ANN401 - a column, or an expression
    """JSON as it is written: read and written anew, SQL's NULL and JSON's would be one."""
    return cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column


def _insert(table: Table, dialect: str) -> Any:  # noqa: ANN401 - SQLAlchemy's Insert, whose parameter is private
    values: dict[str, Any] = {}
    for column in table.columns:
        is_json = isinstance(column.type, JSON)
        given = bindparam(column.name, type_=Text() if is_json else column.type)
        # (SQLite would make a number of what is cast to JSON.)
        values[column.name] = cast(given, column.type) if is_json and dialect == "postgresql" else given
    return insert(table).values(values)


def _sums(table: Table) -> list[Any]:
    sums: list[Any] = []
    for column in table.columns:
        sums.append(func.count(column))
        match column.type:
            case Boolean():
                sums.append(func.sum(cast(column, Integer)))
            case Integer():
                sums.append(func.sum(column % _PRIME))
            case JSON():
                pass
            case Text() | CleanText():
                sums.append(func.sum(func.length(column)))
            case Double():
                sums += [func.min(column), func.max(column)]
            case other:
                raise TypeError(other)
    return sums


def _number(value: Any) -> int | float | None:  # noqa: ANN401 - PostgreSQL sums up to a Decimal
    return value if value is None or isinstance(value, float) else int(value)
