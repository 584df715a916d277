"""`await database.run(function, …)`: one transaction, the same for SQLite and PostgreSQL.

    async with open_database(url) as database, database.hold_alone():
        generation = await database.run(generations.get, 17)

The functions are synchronous, take a `Connection` first, and do nothing but SQL: on PostgreSQL one may run twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

from bot.store.failures import LeaseLost, StoreUnavailable
from bot.store.processes import WAKE, tell

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Connection

    from bot.store.membership import Membership, Transactions

__all__ = ["CARRIED", "Database", "StoreUnavailable", "carry", "wake"]

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)
_WOKEN, _PROCESS, CARRIED = "woken", "process", "carried"


class Store(Protocol):
    kind: Literal["sqlite", "postgresql"]

    async def open(self) -> None: ...
    async def start(self, call: Callable[[Connection], T]) -> asyncio.Future[T]: ...
    async def close(self) -> None: ...
    def hold_alone(self) -> AbstractAsyncContextManager[None]: ...
    def take_turns(self) -> AbstractAsyncContextManager[None]: ...
    def share(self, database: Transactions, kind: str) -> AbstractAsyncContextManager[Membership]: ...
    async def bring(
        self, begin: Callable[[int], Awaitable[None]], have_room: Callable[[], Awaitable[None]]
    ) -> None: ...


class Database:
    """An open database. `open_database` makes it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waking: dict[str, asyncio.Event] = {}
        self.process_id: int | None = None
        """Of several processes that work on the database, this one's number; None: it is alone."""
        self.watch: Callable[[float], None] | None = None
        """Told how many seconds each transaction took, its wait for its turn included."""

    @property
    def kind(self) -> Literal["sqlite", "postgresql"]:
        return self._store.kind

    async def run(self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function(connection, …)` in one transaction: committed when it returns, undone when it raises.

        A cancelled caller's transaction goes on and commits all the same, for it may already have. Raises what the
        function raises, and StoreUnavailable.
        """
        woken: set[str] = set()
        began = time.monotonic()
        transaction = await self._store.start(partial(_call, function, args, kwargs, woken, self.process_id))
        transaction.add_done_callback(partial(self._wake, woken))
        if self.watch is not None:
            transaction.add_done_callback(partial(_tell, self.watch, began))
        try:
            return await asyncio.shield(transaction)
        except asyncio.CancelledError:
            transaction.add_done_callback(_log_failure)
            raise

    def waking(self, name: str) -> asyncio.Event:
        """What a transaction of this process sets when it has committed, if it called `wake(connection, name)`."""
        return self._waking.setdefault(name, asyncio.Event())

    def _wake(self, woken: set[str], transaction: asyncio.Future[Any]) -> None:
        if woken and not transaction.cancelled() and transaction.exception() is None:
            for name in woken:
                self.waking(name).set()

    def hold_alone(self) -> AbstractAsyncContextManager[None]:
        """Keep every other process off this database while inside.

        Raises ConfigurationError, which says what to do, when another one holds it. A process that is killed lets go.
        """
        return self._store.hold_alone()

    def take_turns(self) -> AbstractAsyncContextManager[None]:
        """One process at a time of those that begin with this, beside others that work on the database."""
        return self._store.take_turns()

    @asynccontextmanager
    async def share(self, kind: str) -> AsyncGenerator[Membership]:
        """Be one of several processes on this database while inside; `kind`: one of `schema.PROCESSES`.

        Raises ConfigurationError: it can't be shared, or one works on it that does not.
        """
        async with self._store.share(self, kind) as membership:
            self.process_id = membership.id
            yield membership

    async def bring(self, begin: Callable[[int], Awaitable[None]], have_room: Callable[[], Awaitable[None]]) -> None:
        """Call `begin` with the rows that any of several processes `carry`s, each with some of them: with the next one
        whenever this one has room.

        Ends with an error when the connection is lost, and then may be called again; at once, where this one is alone.
        """
        if self.process_id is not None:
            await self._store.bring(begin, have_room)

    async def close(self) -> None:
        """Wait for the transactions under way, then close. `open_database` does it."""
        await self._store.close()


def carry(connection: Connection, id: int) -> None:  # noqa: A002 - a row's
    """Within a transaction: have a process begin with a row, once it has committed (`Database.bring`)."""
    connection.info.setdefault(CARRIED, []).append(id)


def wake(connection: Connection, name: str) -> None:
    """Within a transaction: have whoever waits for `name` look, once it has committed, in other processes too."""
    connection.info.setdefault(_WOKEN, set()).add(name)
    if (me := connection.info.get(_PROCESS)) is not None:
        tell(connection, me, WAKE, name)


def _call(  # noqa: PLR0917 - what is bound, and the connection
    function: Callable[..., T],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    woken: set[str],
    process_id: int | None,
    connection: Connection,
) -> T:
    woken.clear()  # it may run twice
    connection.info[_WOKEN], connection.info[_PROCESS], connection.info[CARRIED] = woken, process_id, []
    return function(connection, *args, **kwargs)


def _tell(watch: Callable[[float], None], began: float, transaction: asyncio.Future[Any]) -> None:
    del transaction
    watch(time.monotonic() - began)


def _log_failure(transaction: asyncio.Future[Any]) -> None:
    if transaction.cancelled() or (error := transaction.exception()) is None or isinstance(error, LeaseLost):
        return  # of a lost lease, the process itself tells
    trace = None if isinstance(error, StoreUnavailable) else error
    _log.error("a transaction failed whose caller was cancelled: %s", error, exc_info=trace)
