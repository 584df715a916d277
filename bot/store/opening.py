"""Opening the database that the owner names."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.store.address import PostgresqlAddress, parse
from bot.store.database import Database, Store
from bot.store.sqlite import BUSY_SECONDS, SqliteStore
from bot.store.upgrade import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@asynccontextmanager
async def open_database(url: str, *, busy_seconds: float = BUSY_SECONDS) -> AsyncGenerator[Database]:
    """Open the database that `url` names (see `address.parse`) and bring its schema up to date.

    `busy_seconds`: how long a transaction waits for another program that locked the SQLite file.
    Raises ConfigurationError: the URL or the database can't be used, a migration failed, or the database was made by a
    newer version of the bot.
    """
    address = parse(url)
    store: Store
    if isinstance(address, PostgresqlAddress):
        from bot.store.postgresql import PostgresqlStore  # noqa: PLC0415 - 12 MiB that SQLite does without

        store = PostgresqlStore(address)
    else:
        store = SqliteStore(address, busy_seconds=busy_seconds)
    await store.open()
    try:
        database = Database(store)
        await bring_up_to_date(database, address)
        yield database
    finally:
        await store.close()
