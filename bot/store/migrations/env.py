"""Run by Alembic. All migrations and the version's own row are one transaction, with one process in it at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from alembic import context
from sqlalchemy import URL, create_engine, event, pool, text

from bot.store.address import PostgresqlAddress, parse
from bot.store.schema import metadata
from bot.store.upgrade import UPGRADE_KEY

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Connection
    from sqlalchemy.connectors.asyncio import AsyncIODBAPIConnection


def _run(connection: Connection) -> None:
    with connection.begin():
        if connection.dialect.name == "postgresql":
            # Two processes that start at once: the second waits here, then finds nothing left to do.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_KEY})
        context.configure(
            connection=connection, target_metadata=metadata, transactional_ddl=True, transaction_per_migration=False
        )
        context.run_migrations()


def _sqlite(path: str) -> None:
    engine = create_engine(
        URL.create("sqlite", database=path), poolclass=pool.NullPool, hide_parameters=True, connect_args={"timeout": 30}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: object) -> None:  # pyright: ignore[reportUnusedFunction] - the event calls it
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` does
        # Off by default in most builds: a table that is made anew must not take along what points to it.
        connection.execute("PRAGMA foreign_keys = OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction] - the event calls it
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        _run(connection)


async def _postgresql(dsn: str) -> None:
    import asyncpg  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - SQLite does without; it ships none
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - SQLite does without

    async def connect() -> AsyncIODBAPIConnection:
        driver: Any = asyncpg  # whose own types are partial
        return await driver.connect(dsn, timeout=10)

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, poolclass=pool.NullPool, hide_parameters=True
    )
    async with engine.connect() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


_address = parse(context.config.attributes["url"])
if isinstance(_address, PostgresqlAddress):
    asyncio.run(_postgresql(_address.dsn))
else:
    _sqlite(str(_address.path))
