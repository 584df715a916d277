"""Bringing a database to this code's schema, from the bot's side.

An empty one gets its tables here, at once. One that is behind is migrated by a child process, for Alembic takes 34 MiB.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, func, inspect, select
from sqlalchemy.exc import DBAPIError

from bot.errors import ConfigurationError
from bot.store.address import PostgresqlAddress
from bot.store.failures import StoreUnavailable
from bot.store.schema import HEAD, REVISIONS, metadata

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import Connection

    from bot.store.address import SqliteAddress
    from bot.store.database import Database

_log = logging.getLogger(__name__)

URL_VARIABLE: Final = "ONEKEY_BOT_MIGRATE_URL"
"""How the child learns the URL: the command line of a process is everybody's to read."""
TO_VARIABLE: Final = "ONEKEY_BOT_MIGRATE_TO"
UPGRADE_KEY: Final = int.from_bytes(b"OneKeyUp", "big")
"""PostgreSQL's advisory lock of the transaction that makes or migrates the tables."""
_ROOT: Final = Path(__file__).parents[2]

_alembic_version = Table(  # as Alembic makes it
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


async def bring_up_to_date(
    database: Database,
    address: SqliteAddress | PostgresqlAddress,
    before_migrating: Callable[[str], Awaitable[None]] | None = None,
    *,
    alone: bool = True,
) -> None:
    """Make the tables, or migrate them. Raises ConfigurationError.

    `before_migrating`: gets the schema that it is at. `alone`: with no other process at work on the database; otherwise
    one of those that want to does it, beside them.
    """
    if await _is_current(database, address):
        return
    async with database.hold_alone() if alone else database.take_turns():
        if await _is_current(database, address):  # another process did it while this one waited
            return
        if not await _make(database, address):
            if before_migrating is not None and (revision := await database.run(revision_of)) is not None:
                await before_migrating(revision)
            await migrate(address)


async def _is_current(database: Database, address: SqliteAddress | PostgresqlAddress) -> bool:
    try:
        revision = await database.run(revision_of)
    except StoreUnavailable as error:
        msg = f"DATABASE_URL: {error}"
        raise ConfigurationError(msg) from None
    refuse_newer(revision, address)
    return revision == HEAD


def refuse_newer(revision: str | None, address: SqliteAddress | PostgresqlAddress) -> None:
    """ConfigurationError: the database is at a schema that this code does not know."""
    if revision is not None and revision not in REVISIONS:
        msg = (
            f"DATABASE_URL: {address.shown} was made by a newer version of this bot (schema {revision}, "
            f"this version knows {HEAD}): install that version, or restore a backup from before"
        )
        raise ConfigurationError(msg)


def revision_of(connection: Connection) -> str | None:
    """The schema that a database is at. None: it has no tables of this bot yet."""
    if not inspect(connection).has_table(_alembic_version.name):
        return None
    return connection.execute(select(_alembic_version.c.version_num)).scalar()


async def _make(database: Database, address: SqliteAddress | PostgresqlAddress) -> bool:
    try:
        made = await database.run(make_tables)
    except (StoreUnavailable, DBAPIError) as error:
        raise ConfigurationError(_failed(address, str(getattr(error, "orig", None) or error))) from None
    if made:
        _log.info("made the tables of %s (schema %s)", address.shown, HEAD)
    return made


def make_tables(connection: Connection) -> bool:
    """Give an empty database the tables of `schema`, and Alembic's, as if every migration had run.

    False, and nothing done, when any table stands there already. The caller's transaction is to hold nothing else.
    """
    if connection.dialect.name == "postgresql":  # on SQLite the transaction has the file to itself
        connection.execute(select(func.pg_advisory_xact_lock(UPGRADE_KEY)))
    if inspect(connection).get_table_names():
        return False
    metadata.create_all(connection, checkfirst=False)
    _alembic_version.create(connection, checkfirst=False)
    connection.execute(_alembic_version.insert().values(version_num=HEAD))
    return True


async def migrate(address: SqliteAddress | PostgresqlAddress, *, to: str = "head") -> None:
    """Bring a database to the schema `to`, in a child process. Raises ConfigurationError."""
    _log.info("bringing the schema of %s to %s", address.shown, HEAD if to == "head" else to)
    url = address.dsn if isinstance(address, PostgresqlAddress) else f"sqlite:///{address.path}"
    path = os.pathsep.join(part for part in (str(_ROOT), os.environ.get("PYTHONPATH", "")) if part)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the working directory is no place to import from
        "-m",
        "bot.store.migrate",
        env={**os.environ, URL_VARIABLE: url, TO_VARIABLE: to, "PYTHONPATH": path},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await child.communicate()
    except BaseException:
        if child.returncode is None:
            child.kill()
            await child.wait()
        raise
    said = output.decode("utf-8", "replace")
    if isinstance(address, PostgresqlAddress):
        said = address.redact(said)
    lines = [line for line in said.splitlines() if line.strip()]
    for line in lines:
        _log.log(logging.ERROR if child.returncode else logging.INFO, "migrate: %s", line)
    if child.returncode:
        raise ConfigurationError(_failed(address, lines[-1] if lines else f"exit code {child.returncode}"))


def _failed(address: SqliteAddress | PostgresqlAddress, why: str) -> str:
    if isinstance(address, PostgresqlAddress):
        why = address.redact(why)
    return f"DATABASE_URL: the schema of {address.shown} can't be brought to {HEAD}: {' '.join(why.split())}"
