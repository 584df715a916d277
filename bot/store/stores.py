"""Which store an address is of, and the database there as it is."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.store.address import PostgresqlAddress
from bot.store.database import Database
from bot.store.sqlite import BUSY_SECONDS, SqliteStore

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.store.address import SqliteAddress
    from bot.store.database import Store


def store_of(address: SqliteAddress | PostgresqlAddress, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """Not open yet."""
    if isinstance(address, PostgresqlAddress):
        from bot.store.postgresql import PostgresqlStore  # noqa: PLC0415 - 12 MiB that SQLite does without

        return PostgresqlStore(address)
    return SqliteStore(address, busy_seconds=busy_seconds)


@asynccontextmanager
async def as_it_is(
    address: SqliteAddress | PostgresqlAddress, *, busy_seconds: float = BUSY_SECONDS
) -> AsyncGenerator[Database]:
    """The database at `address`, open while inside, whatever schema it has.

    ConfigurationError: it can't be used; StoreUnavailable: there is no such server yet.
    """
    store = store_of(address, busy_seconds=busy_seconds)
    await store.open()
    try:
        yield Database(store)
    finally:
        await store.close()
