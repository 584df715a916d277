"""Opening the database that the owner names."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from bot.errors import ConfigurationError
from bot.store import key_values as facts
from bot.store.address import parse
from bot.store.sqlite import BUSY_SECONDS
from bot.store.stores import as_it_is
from bot.store.upgrade import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from bot.store.address import PostgresqlAddress, SqliteAddress
    from bot.store.database import Database

log = logging.getLogger(__name__)

MOVED_FACT = "moved_to"
"""Where `onekey-bot move` brought the rows of a database, for people: it is not to be worked on any more."""


@asynccontextmanager
async def open_database(
    url: str, *, busy_seconds: float = BUSY_SECONDS, copies: Path | None = None, shared: bool = False
) -> AsyncGenerator[Database]:
    """Open the database that `url` names (see `address.parse`) and bring its schema up to date.

    `busy_seconds`: how long a transaction waits for another program that locked the SQLite file.
    `copies`: the folder for a copy of it before a migration; none is made without. `shared`: other processes may be at
    work while the schema is brought up to date.
    Raises ConfigurationError: the URL or the database can't be used, a migration failed, the database was made by a
    newer version of the bot, or it was moved elsewhere. StoreUnavailable: there is no such server yet.
    """
    address = parse(url)
    async with as_it_is(address, busy_seconds=busy_seconds) as database:
        keep = None if copies is None else partial(_keep_a_copy, address, copies)
        await bring_up_to_date(database, address, keep, alone=not shared)
        refuse_moved(await database.run(facts.get, MOVED_FACT), address)
        yield database


def refuse_moved(moved: str | None, address: SqliteAddress | PostgresqlAddress) -> None:
    """ConfigurationError: the rows of the database are in `moved`."""
    if moved is not None:
        raise ConfigurationError(f"DATABASE_URL: {address.shown} was moved to {moved}: set DATABASE_URL to that")


async def _keep_a_copy(address: SqliteAddress | PostgresqlAddress, folder: Path, revision: str) -> None:
    from bot.store.backup_file import write_backup  # noqa: PLC0415 - seldom needed

    path = folder / f"before-upgrade-from-{revision}.db"
    try:
        await write_backup(address, path)
    except (OSError, sqlite3.Error) as error:
        said = f"DATABASE_URL: no copy can be made before the upgrade, and nothing was changed: {error} ({path})"
        raise ConfigurationError(said) from None
    log.info("a copy from before the upgrade is %s; `onekey-bot restore` takes it", path)
