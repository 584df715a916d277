"""`await database.run(function, …)`: one transaction, the same for SQLite and PostgreSQL.

    async with open_database(url) as database, database.hold_alone():
        generation = await database.run(generations.get, 17)

The functions are synchronous, take a `Connection` first, and do nothing but SQL: on PostgreSQL one may run twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

from bot.store.failures import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Connection

__all__ = ["Database", "StoreUnavailable", "wake"]

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)
_WOKEN = "woken"


class Store(Protocol):
    kind: Literal["sqlite", "postgresql"]

    async def open(self) -> None: ...
    async def start(self, call: Callable[[Connection], T]) -> asyncio.Future[T]: ...
    async def close(self) -> None: ...
    def hold_alone(self) -> AbstractAsyncContextManager[None]: ...


class Database:
    """An open database. `open_database` makes it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waking: dict[str, asyncio.Event] = {}
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
        transaction = await self._store.start(partial(_call, function, args, kwargs, woken))
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

    async def close(self) -> None:
        """Wait for the transactions under way, then close. `open_database` does it."""
        await self._store.close()


def wake(connection: Connection, name: str) -> None:
    """Within a transaction: have whoever waits for `name` look, once it has committed."""
    connection.info.setdefault(_WOKEN, set()).add(name)


def _call(
    function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], woken: set[str], connection: Connection
) -> T:
    woken.clear()  # it may run twice
    connection.info[_WOKEN] = woken
    return function(connection, *args, **kwargs)


def _tell(watch: Callable[[float], None], began: float, transaction: asyncio.Future[Any]) -> None:
    del transaction
    watch(time.monotonic() - began)


def _log_failure(transaction: asyncio.Future[Any]) -> None:
    if not transaction.cancelled() and (error := transaction.exception()) is not None:
        _log.error("a transaction failed whose caller was cancelled", exc_info=error)
