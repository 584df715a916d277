"""`onekey-bot backup`, `restore` and `move`: the database as one file, that file as the database, and from SQLite to
PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import MetaData, delete, insert

from bot.client import COMMANDS_FACT
from bot.errors import ConfigurationError
from bot.generation.price import settle
from bot.generation.rows import generations, queries
from bot.reasons import Reason
from bot.states import LIVE, State
from bot.store import copying
from bot.store import key_values as facts
from bot.store.address import PostgresqlAddress, SqliteAddress, parse
from bot.store.backup_file import MADE_FACT, open_file, read_backup, sync_folder, write_backup
from bot.store.opening import MOVED_FACT, open_database
from bot.store.schema import HEAD, deletions, metadata
from bot.store.stores import as_it_is, store_of
from bot.store.upgrade import make_tables, migrate, refuse_newer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from sqlalchemy import Connection

    from bot.environment import Environment

NOT_KNOWN_AFTER: Final = 3600.0
"""Seconds. A card that was waiting when an older backup was made has long been something else."""
_BESIDE: Final = ("-wal", "-shm")
_PROCESSES: Final = ("processes", "shards", "turnstiles")
_OWN: Final = ("facts", "events", *_PROCESSES)
"""Tables that a database of nobody's use holds rows in, too."""


class _Since(NamedTuple):
    """What the database that is replaced knows that a backup does not."""

    deleted: Sequence[Mapping[str, Any]]
    """What people had deleted since."""
    ended: frozenset[int]
    """Orders that ended."""
    counters: Mapping[str, int]


async def backup(environment: Environment, path: Path) -> int:
    """Write the database to `path`; the exit code."""
    address = parse(environment.database)
    await asyncio.to_thread(_refuse_to_write, address, path)
    await _written(address, path)
    _say(f"{path} holds {address.shown}. It is for your eyes only, and holds no files of results.")
    return 0


async def restore(environment: Environment, path: Path) -> int:
    """Put a backup in the place of the database, which is kept; the exit code."""
    address = parse(environment.database)
    if (found := await asyncio.to_thread(read_backup, path)) is None:
        raise ConfigurationError(f"{path} is no backup of this bot, or it is damaged")
    made, revision = found[0] or (await asyncio.to_thread(path.stat)).st_mtime, found[1]
    refuse_newer(revision, SqliteAddress(path))
    environment.data_dir.mkdir(parents=True, exist_ok=True)
    folder = address.path.parent if isinstance(address, SqliteAddress) else environment.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"replaced-{time.strftime('%Y%m%d-%H%M%S')}.db"
    part = folder / f"{kept.stem}.restoring"
    try:
        async with _alone(address):
            await asyncio.to_thread(_copy_file, path, part)
            if revision != HEAD:
                await migrate(SqliteAddress(part))
            if isinstance(address, SqliteAddress):
                since = await _put_sqlite(address, part, kept, made)
            else:
                since = await _put_postgresql(address, part, kept, made)
    finally:
        for each in (part, *_beside(part)):
            each.unlink(missing_ok=True)
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(made))
    _say(f"{address.shown} is as it was on {when}.")
    if kept.exists():
        _say(f"{kept} is the database before.")
    if since is None:
        _say("What people had deleted since then is not known here, and is back.")
    else:
        _say(f"Deleted once more at the next start: {len(since.deleted)}.")
    return 0


async def move(environment: Environment, url: str) -> int:
    """Copy a SQLite database into an empty PostgreSQL one, and have the old one refuse to start; the exit code."""
    source, target = parse(environment.database), parse(url)
    if not isinstance(source, SqliteAddress) or not isinstance(target, PostgresqlAddress):
        raise ConfigurationError("move brings SQLite's database to PostgreSQL: onekey-bot move postgresql://…")
    if not source.path.exists():
        raise ConfigurationError(f"DATABASE_URL: there is no database at {source.path}")
    async with (
        open_database(environment.database, copies=environment.data_dir) as here,
        here.hold_alone(),
        open_database(url) as there,
        there.hold_alone(),
    ):
        before = await here.run(copying.totals)
        found = await there.run(copying.totals)
        if any(rows[0] for name, rows in found.items() if name not in _OWN) and found != before:
            raise ConfigurationError(f"{target.shown} holds rows already: name an empty database")
        if found != before:
            await there.run(_fill, source.path, before)
        await here.run(facts.put, MOVED_FACT, target.shown)
    for name, rows in sorted(before.items()):
        if rows[0]:
            _say(f"{name:<20} {rows[0]:>10,} rows")
    _say(f"All of it is in {target.shown}, compared column by column. Set DATABASE_URL to it and start the bot.")
    return 0


def _refuse_to_write(address: SqliteAddress | PostgresqlAddress, path: Path) -> None:
    if isinstance(address, SqliteAddress):
        if not address.path.exists():
            raise ConfigurationError(f"DATABASE_URL: there is no database at {address.path} yet")
        if path.resolve() in {address.path, *_beside(address.path)}:
            raise ConfigurationError(f"{path} is the database itself: name another file")
    found = read_backup(path)
    if path.exists() and (found is None or found[0] is None):
        raise ConfigurationError(f"{path} exists and is no backup: name another file")


@asynccontextmanager
async def _alone(address: SqliteAddress | PostgresqlAddress) -> AsyncGenerator[None]:
    """No other process works on the database while inside; it is not opened. ConfigurationError: one does."""
    store = store_of(address)
    try:
        async with store.hold_alone():
            yield
    finally:
        await store.close()


async def _written(address: SqliteAddress | PostgresqlAddress, path: Path) -> None:
    try:
        await write_backup(address, path)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"{path} can't be written: {error}") from None


async def _put_sqlite(address: SqliteAddress, part: Path, kept: Path, made: float) -> _Since | None:
    """The file that is replaced is whole before it is set aside, if it can be read at all; then one step brings the
    new one in its place. A log that belongs to the old one must not lie beside it.
    """
    since = await asyncio.to_thread(_settled, address.path, kept, made) if address.path.exists() else None
    await asyncio.to_thread(_adapt, part, since, made)
    await asyncio.to_thread(_swap, address.path, part, kept)
    return since


async def _put_postgresql(address: PostgresqlAddress, part: Path, kept: Path, made: float) -> _Since | None:
    since = None
    with suppress(ConfigurationError):  # an empty one
        await write_backup(address, kept)
        since = await asyncio.to_thread(_since, kept, made)
    await asyncio.to_thread(_adapt, part, since, made)
    async with as_it_is(address) as database:
        await database.run(_replace, part)
    return since


def _settled(path: Path, kept: Path, made: float) -> _Since | None:
    """What is known since; the write-ahead log goes into its file. None: it can't be read, and the log is kept too,
    which SQLite may have thrown away.
    """
    copies = [(each, aside) for each, aside in zip(_beside(path), _beside(kept), strict=True) if each.exists()]
    for each, aside in copies:
        shutil.copy2(each, aside)
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode=DELETE").fetchall()
        found = _since(path, made)
    except sqlite3.Error:
        return None
    for _, aside in copies:
        aside.unlink()
    return found


def _since(path: Path, made: float) -> _Since | None:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        database.row_factory = sqlite3.Row
        tables = {row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"deletions", "generations"} <= tables:
            return None
        deleted = [
            dict(row)
            for row in database.execute(
                "SELECT person_id, channel_id, message_id, generation_id, at FROM deletions WHERE at > ? "
                "UNION ALL SELECT NULL, NULL, NULL, id, removed_at FROM generations WHERE removed_at > ? ORDER BY at",
                (made, made),
            )
        ]
        live = ", ".join(f"'{state}'" for state in LIVE)
        ended = database.execute(f"SELECT id FROM generations WHERE state NOT IN ({live}) AND ended_at > ?", (made,))  # noqa: S608 - our own words
        given = database.execute("SELECT name, seq FROM sqlite_sequence")
        return _Since(deleted, frozenset(row["id"] for row in ended), {row["name"]: row["seq"] for row in given})


def _adapt(path: Path, since: _Since | None, made: float) -> None:
    """Have a backup go on from now: nothing is sent that may have been sent, and no number is given a second time."""
    now = time.time()
    with open_file(path) as c:
        for row in queries.in_states(c, {State.QUEUED, State.SUBMITTING}):
            over = row.id in since.ended if since is not None else now - made > NOT_KNOWN_AFTER
            ended = generations.end(
                c,
                row.id,
                from_states={row.state},
                state=State.UNKNOWN,
                reason=Reason.INTERRUPTED,
                ended_at=now,
                # Its card shows what became of it: what is known here would take its pictures away.
                shown_state=State.UNKNOWN if over else row.shown_state,
            )
            if ended is not None:
                settle(c, ended, now=now)
        if since is not None and since.deleted:
            c.execute(insert(deletions), [{**each, "again_at": now} for each in since.deleted])
        copying.set_counters(c, since.counters if since else {}, on=0 if since else copying.JUMP)
        for name in _PROCESSES:  # none of those lives
            c.execute(delete(metadata.tables[name]))
        # Another version may have told Discord of other commands since.
        c.execute(delete(metadata.tables["facts"]).where(_key_in(COMMANDS_FACT, MADE_FACT, MOVED_FACT)))


def _key_in(*keys: str) -> Any:  # noqa: ANN401 - a condition
    return metadata.tables["facts"].c.key.in_(keys)


def _swap(database: Path, part: Path, kept: Path) -> None:
    for each in _beside(database):
        each.unlink(missing_ok=True)
    if database.exists():
        try:
            os.link(database, kept)
        except OSError:  # a file system without links
            shutil.copy2(database, kept)
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.replace(database)
    sync_folder(database.parent)


def _replace(c: Connection, part: Path) -> None:
    """All tables of this bot made anew, with the rows of the file: in one transaction, as PostgreSQL can."""
    there = MetaData()
    there.reflect(c, only=lambda name, _: name in {*metadata.tables, "alembic_version"})
    there.drop_all(c)
    make_tables(c)
    with open_file(part) as file:
        copying.copy_rows(file, c)


def _fill(c: Connection, source: Path, before: dict[str, Any]) -> None:
    for name in _OWN:
        c.execute(delete(metadata.tables[name]))
    with open_file(source) as file:
        copying.copy_rows(file, c)
    after = copying.totals(c)
    if wrong := [name for name in before if before[name] != after[name]]:
        raise ConfigurationError(f"the copy differs in {', '.join(wrong)}: nothing was changed")


def _copy_file(path: Path, part: Path) -> None:
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    shutil.copyfile(path, part)


def _beside(path: Path) -> list[Path]:
    """SQLite's own files beside a database."""
    return [path.with_name(path.name + ending) for ending in _BESIDE]


def _say(said: str) -> None:
    print(said, flush=True)  # noqa: T201 - what was asked for
