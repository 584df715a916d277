"""INSERT … ON CONFLICT, which SQLAlchemy has once for each database."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.sqlite import insert as sqlite_insert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Executable, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert


def insert_for(connection: Connection, table: Table) -> SqliteInsert | PostgresqlInsert:
    """An INSERT into `table` that knows `on_conflict_do_update`, in the dialect of the connection."""
    return insert_in(connection.dialect.name, table)


def put(c: Connection, table: Table, key: str, values: Mapping[str, Any], *, changed: tuple[str, ...]) -> None:
    """Insert a row; where its `key` is there already, its columns `changed` are, instead.

    The statement is made once: that takes longer than to run it.
    """
    c.execute(_put(c.dialect.name, table, key, changed), values)


@cache
def _put(dialect: str, table: Table, key: str, changed: tuple[str, ...]) -> Executable:
    insert = insert_in(dialect, table)
    values = {name: insert.excluded[name] for name in changed}
    return insert.on_conflict_do_update(index_elements=[table.c[key]], set_=values)


def insert_in(dialect: str, table: Table) -> SqliteInsert | PostgresqlInsert:
    """As `insert_for`, for a statement that is made once."""
    if dialect == "sqlite":
        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - 4 MiB that SQLite does without

    return insert(table)
