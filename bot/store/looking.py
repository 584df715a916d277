"""What a database is like, found out without changing anything of it: for `onekey-bot check`."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, text

from bot.errors import ConfigurationError
from bot.store import key_values as facts
from bot.store.address import PostgresqlAddress, SqliteAddress, parse
from bot.store.failures import StoreUnavailable
from bot.store.opening import MOVED_FACT, refuse_moved
from bot.store.schema import HEAD
from bot.store.stores import as_it_is
from bot.store.upgrade import refuse_newer, revision_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

LEAST_BYTES: Final = 16 * 1024 * 1024
"""Less room than that is as good as none: a migration, or one clip, takes more."""


@dataclass(frozen=True, slots=True)
class Look:
    """`revision`: the schema that it is at; None: it has no tables yet."""

    kind: str
    revision: str | None

    @property
    def said(self) -> str:
        """What `run` would do."""
        if self.revision is None:
            return f"{self.kind}, empty: run makes its tables (schema {HEAD})"
        if self.revision != HEAD:
            return f"{self.kind}, schema {self.revision}: run makes a copy and brings it to {HEAD}"
        return f"{self.kind}, schema up to date ({HEAD})"


async def look_at(url: str) -> Look:
    """Raises ConfigurationError for what the owner's settings are to be changed for, StoreUnavailable for the rest."""
    address = parse(url)
    if isinstance(address, PostgresqlAddress):
        found, moved = await _postgresql(address)
    else:
        found, moved = await asyncio.to_thread(_sqlite, address)
    refuse_newer(found.revision, address)
    refuse_moved(moved, address)
    return found


def look_at_folder(path: Path) -> str | None:
    """What speaks against writing to a folder that is there, or is to be made. StoreUnavailable: it is full."""
    while not path.exists() and path.parent != path:
        path = path.parent
    if not path.is_dir():
        return f"{path} is no folder"
    if not os.access(path, os.W_OK | os.X_OK):
        return f"{path} can't be written to ({_why(path)})"
    if (free := shutil.disk_usage(path).free) < LEAST_BYTES:
        raise StoreUnavailable(f"{path}: disk full ({free // 1024:,} KiB free)")
    return None


def _why(path: Path) -> str:
    read_only = hasattr(os, "statvfs") and os.statvfs(path).f_flag & os.ST_RDONLY
    return "the file system is read-only" if read_only else "it belongs to somebody else, or its permissions say so"


def _sqlite(address: SqliteAddress) -> tuple[Look, str | None]:
    path = address.path
    if (against := look_at_folder(path.parent)) is not None:
        raise ConfigurationError(f"DATABASE_URL: {against}")
    if not path.exists():
        return Look("SQLite", None), None
    if not os.access(path, os.R_OK | os.W_OK):
        raise ConfigurationError(f"DATABASE_URL: {path} can't be written to ({_why(path)})")
    # Beside a log that a process has open, or left, SQLite reads both; alone it is not to make one.
    logged = all(path.with_name(path.name + ending).exists() for ending in ("-wal", "-shm"))
    # (It would write to the log's index, whoever it belongs to.)
    mode = "mode=ro&readonly_shm=1" if logged else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True, timeout=2)) as database:
            names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "alembic_version" not in names:
                return Look("SQLite", None), None
            row = database.execute("SELECT version_num FROM alembic_version").fetchone()
            moved = database.execute("SELECT value FROM facts WHERE key = ?", (MOVED_FACT,)).fetchone()
            return Look("SQLite", str(row[0]) if row else None), moved[0] if moved else None
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"{path}: {error}") from None
    except sqlite3.Error as error:
        raise ConfigurationError(f"DATABASE_URL: {path} can't be used: {error}") from None


async def _postgresql(address: PostgresqlAddress) -> tuple[Look, str | None]:
    async with as_it_is(address) as database:
        found, moved, against = await database.run(_stands)
    if against is not None:
        raise ConfigurationError(f"DATABASE_URL: {address.shown} {against}")
    return found, moved


def _stands(c: Connection) -> tuple[Look, str | None, str | None]:
    c.execute(text("SET TRANSACTION READ ONLY"))
    revision = revision_of(c)
    moved = None if revision is None else facts.get(c, MOVED_FACT)
    against = None
    if c.execute(
        text("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'")
    ).scalar():
        against = "is read-only"
    elif (
        revision != HEAD and not c.execute(select(func.has_schema_privilege(func.current_schema(), "CREATE"))).scalar()
    ):
        against = "lets this user make no tables: GRANT CREATE ON SCHEMA public TO the user"
    return Look("PostgreSQL", revision), moved, against
