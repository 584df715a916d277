"""Bringing a database to this code's schema, from the bot's side. A child process does it, for Alembic takes 34 MiB."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from bot.errors import ConfigurationError
from bot.store.address import PostgresqlAddress
from bot.store.failures import StoreUnavailable
from bot.store.schema import HEAD, REVISIONS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.address import SqliteAddress
    from bot.store.database import Database

_log = logging.getLogger(__name__)

URL_VARIABLE: Final = "ONEKEY_BOT_MIGRATE_URL"
"""How the child learns the URL: the command line of a process is everybody's to read."""
_ROOT: Final = Path(__file__).parents[2]


async def bring_up_to_date(database: Database, address: SqliteAddress | PostgresqlAddress) -> None:
    """Migrate when the schema is behind, with no other process at work on it. Raises ConfigurationError."""
    if await _is_current(database, address):
        return
    async with database.hold_alone():
        if not await _is_current(database, address):  # another process may have done it while this one waited
            await _migrate(address)


async def _is_current(database: Database, address: SqliteAddress | PostgresqlAddress) -> bool:
    try:
        revision = await database.run(_revision)
    except StoreUnavailable as error:
        msg = f"DATABASE_URL: {error}"
        raise ConfigurationError(msg) from None
    if revision is not None and revision not in REVISIONS:
        msg = (
            f"DATABASE_URL: {address.shown} was made by a newer version of this bot (schema {revision}, "
            f"this version knows {HEAD}): install that version, or restore a backup from before"
        )
        raise ConfigurationError(msg)
    return revision == HEAD


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


async def _migrate(address: SqliteAddress | PostgresqlAddress) -> None:
    _log.info("bringing the schema of %s to %s", address.shown, HEAD)
    url = address.dsn if isinstance(address, PostgresqlAddress) else f"sqlite:///{address.path}"
    path = os.pathsep.join(part for part in (str(_ROOT), os.environ.get("PYTHONPATH", "")) if part)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # the working directory is no place to import from
        "-m",
        "bot.store.migrate",
        env={**os.environ, URL_VARIABLE: url, "PYTHONPATH": path},
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
        why = lines[-1] if lines else f"exit code {child.returncode}"
        msg = f"DATABASE_URL: the schema of {address.shown} can't be brought to {HEAD}: {why}"
        raise ConfigurationError(msg)
