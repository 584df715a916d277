"""INSERT … ON CONFLICT, which SQLAlchemy has once for each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.dialects.sqlite import insert as sqlite_insert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert


def insert_for(connection: Connection, table: Table) -> SqliteInsert | PostgresqlInsert:
    """An INSERT into `table` that knows `on_conflict_do_update`, in the dialect of the connection."""
    if connection.dialect.name == "sqlite":
        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - 4 MiB that SQLite does without

    return insert(table)
