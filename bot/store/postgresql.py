"""PostgreSQL over asyncpg. Imported only when it is used: SQLAlchemy's asyncio and asyncpg take some 12 MiB."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import asynccontextmanager, suppress
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeVar, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs] - it ships none
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import create_async_engine

from bot.background import growing_waits, happens
from bot.errors import ConfigurationError
from bot.store import processes
from bot.store.database import CARRIED
from bot.store.failures import LeaseLost, StoreUnavailable
from bot.store.membership import Membership, Wire

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection

    from sqlalchemy import Connection

    from bot.store.address import PostgresqlAddress
    from bot.store.membership import Transactions

T = TypeVar("T")
_log = logging.getLogger(__name__)

POOL_SIZE: Final = 5
CONNECT_SECONDS: Final = 10.0
STATEMENT_SECONDS: Final = 60.0
CONFLICT_TRIES: Final = 6
LOST_WAITS: Final = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds before each new try after the connection was lost: enough for a server that restarts."""
HOLD_KEY: Final = int.from_bytes(b"OneKeyBt", "big")
"""The advisory lock of the one process that works on a database (locks are per database)."""
TURN_KEY: Final = int.from_bytes(b"OneKeyTu", "big")
"""That of those who bring the schema up to date while others work on it."""
HOLD_TRIES: Final = 20
HOLD_PAUSE_SECONDS: Final = 0.1
"""A server may need a moment to see that the process before this one is gone."""
HOLD_CHECK_SECONDS: Final = 60.0

_CONFLICTS: Final = frozenset({"40001", "40P01"})
# 08 connection, 57P shutting down or starting up
_PASSING: Final = ("08", "57P")
# 28 login refused (a changed password), 3D no such database, 53 out of disk, memory or connections, 58 the server's own
# input/output, 25006 read-only (a standby after a failover)
_OUT_OF_OUR_HANDS: Final = (*_PASSING, "28", "3D", "53", "58", "25006")
# What asyncpg says of a connection that the server ended a moment before something was asked on it.
_JUST_ENDED: Final = asyncpg.InternalClientError
_ERRORS: Final = (DBAPIError, PoolTimeout, asyncpg.PostgresError, asyncpg.InterfaceError, _JUST_ENDED, OSError)


class _Wire(Wire, Protocol):
    """As `Wire`, with what a hold needs."""

    def add_termination_listener(self, callback: Callable[[object], None]) -> None: ...
    async def execute(self, query: str) -> str: ...
    def terminate(self) -> None: ...


class PostgresqlStore:
    """What `Database` asks of PostgreSQL. Make it with `open`."""

    kind: Literal["sqlite", "postgresql"] = "postgresql"

    def __init__(self, address: PostgresqlAddress) -> None:
        self._address = address
        self._engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=30,
            hide_parameters=True,  # an error that names its values would carry tokens into the log
        )
        self._running: set[asyncio.Task[Any]] = set()
        self._process_id: int | None = None
        self._put: Callable[[object, Collection[int]], Awaitable[None]] | None = None
        """Puts what a transaction carries in the queue; None: this process is alone."""

    async def open(self) -> None:
        """Connect once, to see that it works. ConfigurationError; StoreUnavailable: it isn't there, or not yet."""
        try:
            async with self._engine.connect():
                pass
        except (*_ERRORS, ValueError) as error:
            await self.close()
            if _is_absent(error):
                why = self._address.redact(_first_line(error))
                raise StoreUnavailable(f"{self._address.shown} can't be reached: {why}") from None
            raise ConfigurationError(self._unusable(error)) from None

    async def start(self, call: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Begin a transaction in a task of its own, so that nobody's cancellation reaches it."""
        task = asyncio.create_task(self._run(call))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def close(self) -> None:
        """Let the running transactions end, then close the connections."""
        while self._running:
            await asyncio.wait(self._running)
        await self._engine.dispose()

    @asynccontextmanager
    async def hold_alone(self) -> AsyncGenerator[None]:
        """Hold an advisory lock on a connection of its own, and take it again when that connection is lost."""
        hold = _Hold(self._connect, self._address.shown)
        try:
            taken = await hold.take()
        except (*_ERRORS, ValueError) as error:
            await hold.release()
            raise ConfigurationError(self._unusable(error)) from None
        if not taken:
            msg = (
                f"another process already works on {self._address.shown}: "
                "stop it first, or give this one a database of its own"
            )
            raise ConfigurationError(msg)
        holder = asyncio.create_task(hold.keep())
        try:
            yield
        finally:
            holder.cancel()
            with suppress(asyncio.CancelledError):
                await holder
            await hold.release()

    @asynccontextmanager
    async def take_turns(self) -> AsyncGenerator[None]:
        """Wait for an advisory lock, which goes with its connection."""
        wire = await self._connect()
        try:
            while not await wire.fetchval("SELECT pg_try_advisory_lock($1)", TURN_KEY):  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(HOLD_PAUSE_SECONDS)
            yield
        finally:
            await wire.close()

    @asynccontextmanager
    async def share(self, database: Transactions, kind: str) -> AsyncGenerator[Membership]:
        """Hold the advisory lock together with others that do, as a process with a number of its own."""
        if find_spec("pgqueuer") is None:
            msg = "SHARD_COUNT: several processes need PgQueuer: install the bot with its extra `many`"
            raise ConfigurationError(msg)
        await (await self._beside_others()).close()  # before anything is written
        from bot.store import carrier  # noqa: PLC0415 - 20 MiB that a process which is alone does without

        await carrier.install(self._connect)
        self._put = carrier.put
        # From here on others wait for a sign of this one: what takes long is done.
        self._process_id = process_id = await database.run(processes.join, kind)
        # Each connection bears the number, so that it can be ended with the process.
        await self._engine.dispose()
        membership = Membership(database, process_id, kind, self._beside_others, (*_ERRORS, TimeoutError))
        await membership.beat()
        try:
            yield membership
        finally:
            await membership.close()

    async def bring(self, begin: Callable[[int], Awaitable[None]], have_room: Callable[[], Awaitable[None]]) -> None:
        """PgQueuer's own connections, by this process's number too."""
        from bot.store import carrier  # noqa: PLC0415 - as above

        try:
            await carrier.bring(self._connect, begin, have_room)
        except carrier.Unheard:
            raise StoreUnavailable(f"{self._address.shown}: this process hears nothing of what others order") from None
        except (*_ERRORS, TimeoutError) as error:
            raise StoreUnavailable(f"{self._address.shown}: {self._address.redact(_first_line(error))}") from error

    async def _beside_others(self) -> _Wire:
        wire = await self._connect()
        for attempt in range(HOLD_TRIES):
            if attempt:
                await asyncio.sleep(HOLD_PAUSE_SECONDS)
            if await wire.fetchval("SELECT pg_try_advisory_lock_shared($1)", HOLD_KEY):
                return wire
        await wire.close()
        msg = (
            f"another process works on {self._address.shown} alone: "
            "give every process the same SHARD_COUNT, or stop that one first"
        )
        raise ConfigurationError(msg)

    async def _connect(self) -> _Wire:
        connect = cast("Callable[..., Awaitable[_Wire]]", cast("Any", asyncpg).connect)
        limits = {"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS}
        if (me := self._process_id) is None:
            return await connect(self._address.dsn, **limits)
        # A process that is stopped in the middle of a transaction keeps no rows from the others.
        named = {"application_name": processes.name_of(me), "idle_in_transaction_session_timeout": "10s"}
        wire = await connect(self._address.dsn, **limits, server_settings=named)
        try:
            if await wire.fetchval("SELECT 1 FROM processes WHERE id = $1 AND seen_at > 0", me):
                return wire
        except BaseException:  # cancelled, too: nobody else has it to close it
            wire.terminate()
            raise
        await wire.close()
        raise LeaseLost

    async def _run(self, call: Callable[[Connection], T]) -> T:
        conflicts = losses = 0
        while True:
            connected = committing = False
            try:
                async with self._engine.connect() as connection:
                    connected = True
                    transaction = await connection.begin()
                    try:
                        result = await connection.run_sync(call)
                    except BaseException:
                        with suppress(*_ERRORS):  # what failed first is the news
                            await transaction.rollback()
                        raise
                    if self._put is not None and (ids := (await connection.get_raw_connection()).info.get(CARRIED)):
                        raw = (await connection.get_raw_connection()).driver_connection
                        await self._put(raw, ids)
                    committing = True
                    await transaction.commit()
                    committing = False
                    return result
            except _ERRORS as error:
                if (state := _sqlstate(error)) in _CONFLICTS:
                    conflicts += 1
                    if conflicts >= CONFLICT_TRIES:
                        msg = f"{self._address.shown}: still in conflict after {conflicts} tries"
                        raise StoreUnavailable(msg) from error
                    await asyncio.sleep(0.01 * 2**conflicts)
                elif connected and not _is_lost(error, state):
                    raise
                else:
                    why = self._address.redact(_first_line(error))
                    if committing:
                        msg = f"{self._address.shown}: lost during the commit ({why})"
                        raise StoreUnavailable(msg, outcome_unknown=True) from error
                    # Without its COMMIT the server rolls back, so a new try is safe.
                    if losses >= len(LOST_WAITS) or not _is_passing(error, state):
                        raise StoreUnavailable(f"{self._address.shown}: {why}") from error
                    await asyncio.sleep(LOST_WAITS[losses])
                    losses += 1

    def _unusable(self, error: BaseException) -> str:
        return f"DATABASE_URL: {self._address.shown} can't be used: {self._address.redact(_first_line(error))}"


class _Hold:
    """The advisory lock of the one process, and the connection it lives on."""

    def __init__(self, connect: Callable[[], Awaitable[_Wire]], shown: str) -> None:
        self._connect = connect
        self._shown = shown
        self._connection: _Wire | None = None

    async def take(self, *, tries: int = HOLD_TRIES) -> bool:
        self._connection = connection = await self._connect()
        for attempt in range(tries):
            if attempt:
                await asyncio.sleep(HOLD_PAUSE_SECONDS)
            if await connection.fetchval("SELECT pg_try_advisory_lock($1)", HOLD_KEY):
                return True
        await self.release()
        return False

    async def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_ERRORS):
                await connection.close(timeout=2)

    async def keep(self) -> None:
        """Take the lock again whenever its connection is lost, until cancelled."""
        while True:
            await self._lost()
            _log.warning("the connection that holds the database for this process was lost; taking it again")
            await self.release()
            for wait in growing_waits(0.5, 30.0):
                if await self._again():
                    break
                await asyncio.sleep(wait)

    async def _lost(self) -> None:
        connection = self._connection
        if connection is None:
            return
        ended = asyncio.Event()
        connection.add_termination_listener(partial(_set, ended))
        while not connection.is_closed():
            await happens(ended, within=HOLD_CHECK_SECONDS)
            # Keeps a firewall from forgetting an idle connection, and notices when one did.
            with suppress(*_ERRORS):
                await connection.execute("SELECT 1")

    async def _again(self) -> bool:
        try:
            if await self.take(tries=1):
                return True
            _log.error("another process now works on %s: stop one of the two", self._shown)
        except _ERRORS:
            await self.release()
        return False


def _set(event: asyncio.Event, _connection: object) -> None:
    event.set()


def _sqlstate(error: BaseException) -> str:
    origin: object = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(origin, "sqlstate", None) or "")


def _is_lost(error: BaseException, state: str) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, (PoolTimeout, _JUST_ENDED, OSError)) or state.startswith(_OUT_OF_OUR_HANDS)


def _is_passing(error: BaseException, state: str) -> bool:
    """Whether a new try may find the server well again. One that already waited long for it does not."""
    if isinstance(error, _JUST_ENDED) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    return state.startswith(_PASSING) or (isinstance(error, OSError) and not isinstance(error, TimeoutError))


def _is_absent(error: BaseException) -> bool:
    """Whether the server is not there, or starts or is full: no matter of the address, as far as can be told."""
    if isinstance(error, OSError):
        return not isinstance(error, ssl.SSLError)
    return _sqlstate(error).startswith((*_PASSING, "53"))


def _first_line(error: BaseException) -> str:
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(origin) or ("no answer in time" if isinstance(error, TimeoutError) else type(origin).__name__)
    return text.splitlines()[0]
