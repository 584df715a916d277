"""A backup: one SQLite file that holds a database of either engine, readable by its owner alone.

It holds no interaction tokens: who has one can answer in the bot's name. Taken while the bot runs, it is as the
database was at one moment.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, create_engine, event, pool, text

from bot.errors import ConfigurationError
from bot.store import copying
from bot.store.address import PostgresqlAddress, SqliteAddress
from bot.store.schema import HEAD, REVISIONS
from bot.store.stores import as_it_is
from bot.store.upgrade import make_tables, migrate, revision_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection

MADE_FACT: Final = "backup_made_at"
"""Unix seconds, in the table `facts` of a backup."""
BUSY_SECONDS: Final = 30.0
_EMPTY: Final = "''"


async def write_backup(address: SqliteAddress | PostgresqlAddress, path: Path) -> None:
    """Write the database to `path`, whole or not at all; what stands there is replaced.

    ConfigurationError: there is nothing to back up. OSError, sqlite3.Error: it can't be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        await asyncio.to_thread(_new, part)
        now = time.time()
        if isinstance(address, PostgresqlAddress):
            await _from_postgresql(address, part)
        else:
            await asyncio.to_thread(_from_sqlite, address.path, part)
        await asyncio.to_thread(_finish, part, now)
        await asyncio.to_thread(part.replace, path)
        await asyncio.to_thread(sync_folder, path.parent)
    finally:
        await asyncio.to_thread(part.unlink, missing_ok=True)


def read_backup(path: Path) -> tuple[float | None, str] | None:
    """When a backup was made (Unix seconds; None: it is a database itself) and its schema.

    None: it is none of this bot, or not whole.
    """
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as file:
            if file.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                return None
            (revision,) = file.execute("SELECT version_num FROM alembic_version").fetchone()
            made = file.execute("SELECT value FROM facts WHERE key = ?", (MADE_FACT,)).fetchone()
            return float(made[0]) if made else None, str(revision)
    except (sqlite3.Error, TypeError, ValueError):
        return None


@contextmanager
def open_file(path: Path) -> Generator[Connection]:
    """One transaction on a SQLite file that is nobody else's. What points to other rows is not looked at meanwhile."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=pool.NullPool,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _entry: object) -> None:  # pyright: ignore[reportUnusedFunction] - the event calls it
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` does
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction] - likewise
        connection.exec_driver_sql("BEGIN")

    with engine.begin() as connection:
        yield connection


def sync_folder(folder: Path) -> None:
    """Have the system keep what was renamed in it, where it has a call for that."""
    if os.name == "posix":
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _new(path: Path) -> None:
    """An empty file that nobody else may read, before anything is written to it."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _from_sqlite(source: Path, part: Path) -> None:
    # Not page by page: what was deleted stays in pages that are free.
    with closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)) as database:
        database.execute("VACUUM INTO ?", (str(part),))


async def _from_postgresql(address: PostgresqlAddress, part: Path) -> None:
    async with as_it_is(address) as database:
        revision = await database.run(revision_of)
        if revision not in REVISIONS:
            said = "holds nothing of this bot yet" if revision is None else "was made by a newer version of this bot"
            raise ConfigurationError(f"DATABASE_URL: {address.shown} {said}")
        if revision == HEAD:
            with open_file(part) as file:
                make_tables(file)
        else:
            await migrate(SqliteAddress(part), to=revision)
        await database.run(_copy, part)


def _copy(source: Connection, part: Path) -> None:
    source.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    with open_file(part) as file:
        copying.copy_rows(source, file)


def _finish(part: Path, now: float) -> None:
    """Without tokens, with its date, as one file that is on the disk."""
    with closing(sqlite3.connect(part, isolation_level=None)) as file:
        for pragma in ("journal_mode=OFF", "secure_delete=ON"):
            file.execute(f"PRAGMA {pragma}").fetchall()
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            left = [
                f"{column} = {(_EMPTY if kind == 'TEXT' else '0') if required else 'NULL'}"
                for _, column, kind, required, *_ in file.execute(f"PRAGMA table_info({table})").fetchall()
                if column in {"token", "token_expires_at"}
            ]
            if left:
                file.execute(f"UPDATE {table} SET {', '.join(left)}")  # noqa: S608 - our own schema's names
        file.execute("INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)", (MADE_FACT, f"{now:.3f}"))
    with part.open("rb+") as written:
        os.fsync(written.fileno())
