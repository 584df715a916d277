"""SQLite: one connection in one thread of its own, over Python's own synchronous driver.

One writer at a time is SQLite's own rule, so a second connection would only wait. Measured: 0.15 ms a transaction from
asyncio, against 0.7 ms through an async driver.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from filelock import lock_descriptor
from sqlalchemy import URL, create_engine, event
from sqlalchemy.exc import DBAPIError

from bot.errors import ConfigurationError
from bot.store.failures import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Connection, Engine
    from sqlalchemy.pool import ConnectionPoolEntry

    from bot.store.address import SqliteAddress
    from bot.store.membership import Membership, Transactions

T = TypeVar("T")
_log = logging.getLogger(__name__)

BUSY_SECONDS: Final = 2.0
"""How long a transaction waits for another program (a backup, a shell) to let go of the file, its time in the queue
included: Discord takes no answer to a command after 3 s, and who typed it is to be told.
"""
LATE_BUSY_SECONDS: Final = 0.1
"""How long it waits at the least, when others before it have used up that time."""
_READABLE_FROM: Final = 1 if sys.platform == "win32" else 0
"""Windows lets nobody else read the byte of a file that is locked: the first one, a space."""

_OUT_OF_OUR_HANDS: Final = {
    sqlite3.SQLITE_BUSY: "locked by another program",
    sqlite3.SQLITE_LOCKED: "locked by another program",
    sqlite3.SQLITE_PROTOCOL: "locked by another program",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_IOERR: "input/output error",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_FULL: "disk full",
    sqlite3.SQLITE_CANTOPEN: "can't be opened",
}


class SqliteStore:
    """What `Database` asks of SQLite. Make it with `open`."""

    kind: Literal["sqlite", "postgresql"] = "sqlite"

    def __init__(self, address: SqliteAddress, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._path = address.path
        self._busy_seconds = busy_seconds
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._closed = False

    async def open(self) -> None:
        """Open the file, making it (and its folder) when missing. Raises ConfigurationError."""
        try:
            await self._in_thread(self._open)
        except BaseException:
            await self.close()
            raise

    async def start(self, call: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Put a transaction in the thread's queue; the future is its result."""
        if self._closed:
            msg = "the database is closed"
            raise StoreUnavailable(msg)
        return self._in_thread(partial(self._transaction, call, time.monotonic()))

    async def close(self) -> None:
        """Let the queue run empty, then close the file."""
        if not self._closed:
            self._closed = True
            await asyncio.shield(self._in_thread(self._close))
            self._thread.shutdown(wait=False)

    @asynccontextmanager
    async def hold_alone(self) -> AsyncGenerator[None]:
        """Hold `<file>.lock`, with this process's id in it. The system frees it however the process ends."""
        path = self._path.with_name(self._path.name + ".lock")
        lock = None
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if taken := lock_descriptor(lock, blocking=False):
                os.ftruncate(lock, 0)
                os.write(lock, f" {os.getpid()}\n".encode("ascii"))
        except OSError as error:
            if lock is not None:
                os.close(lock)
            msg = f"DATABASE_URL: can't lock {path}: {error.strerror}"
            raise ConfigurationError(msg) from None
        try:
            if not taken:
                os.lseek(lock, _READABLE_FROM, os.SEEK_SET)
                holder = os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"
                msg = (
                    f"another process (pid {holder}) already works on {self._path}: "
                    "stop it first, or give this one a DATA_DIR of its own"
                )
                raise ConfigurationError(msg)
            yield
        finally:
            os.close(lock)  # the file stays: were it removed, two could each hold a different one

    def take_turns(self) -> AbstractAsyncContextManager[None]:
        """A file is one process's alone."""
        return self.hold_alone()

    @asynccontextmanager
    async def share(self, database: Transactions, kind: str) -> AsyncGenerator[Membership]:
        """A file is one process's alone."""
        del database, kind
        msg = "several processes need PostgreSQL: set DATABASE_URL, as docs/scale.md says"
        raise ConfigurationError(msg)
        yield  # what makes it a context manager

    async def bring(self, begin: Callable[[int], Awaitable[None]], have_room: Callable[[], Awaitable[None]]) -> None:
        """There is nobody to bring anything."""

    def _in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not self._path.exists():  # prompts are nobody else's to read
                self._path.touch(0o600)
            self._engine = create_engine(
                URL.create("sqlite", database=str(self._path)),
                connect_args={"timeout": self._busy_seconds},
                hide_parameters=True,  # an error that names its values would carry tokens into the log
            )
            event.listen(self._engine, "connect", _prepare)
            event.listen(self._engine, "begin", _begin)
            self._connection = self._engine.connect()
        except OSError as error:
            msg = f"DATABASE_URL: can't open {self._path}: {error.strerror}"
            raise ConfigurationError(msg) from None
        except (DBAPIError, sqlite3.Error) as error:
            why = _cause(error)
            msg = f"DATABASE_URL: {self._path} can't be used: {getattr(why, 'args', [why])[0]}"
            raise ConfigurationError(msg) from None

    def _transaction(self, call: Callable[[Connection], T], queued_at: float) -> T:
        connection = self._connection
        assert connection is not None  # noqa: S101 - `start` puts nothing in the queue before `open` and after `close`
        # One that stood in the queue behind others that waited for a lock does not wait as long all over again.
        queued = time.monotonic() - queued_at
        late = queued > LATE_BUSY_SECONDS
        try:
            if late:
                _wait_for_locks(connection, max(LATE_BUSY_SECONDS, self._busy_seconds - queued))
            with connection.begin():
                return call(connection)
        except (DBAPIError, sqlite3.Error) as error:
            cause = _cause(error)
            why = _OUT_OF_OUR_HANDS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
            if why is None:
                raise
            msg = f"{self._path}: {why} ({cause})"
            raise StoreUnavailable(msg) from error
        finally:
            if late:
                _wait_for_locks(connection, self._busy_seconds)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # Python 3.11's driver has no `autocommit`; without an isolation level it never begins by itself: `_begin` does.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once and waits for it: a plain BEGIN that reads first and then writes is
    # refused without waiting when another program wrote in between. By the driver itself: a third of the way.
    _driver_of(connection).execute("BEGIN IMMEDIATE")


def _wait_for_locks(connection: Connection, seconds: float) -> None:
    _driver_of(connection).execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")


def _driver_of(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - tells the type checker
    return driver


def _cause(error: DBAPIError | sqlite3.Error) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error
