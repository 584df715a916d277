"""This process among those that share a PostgreSQL database: its lease, renewed by the database's clock.

Without its lease a process sends nothing and writes nothing: its requests wait for `hold`, and the database has ended
its connections (`bot.store.processes`). A database that is away ends no lease: nobody else can take it either.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from bot.background import happens
from bot.store import processes
from bot.store.failures import LeaseLost, StoreUnavailable
from bot.store.processes import CHANNEL, LEASE_SECONDS, Process, Shard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

BEAT_SECONDS: Final = 2.0
MARGIN_SECONDS: Final = 2.0
"""So long before its end by the database's clock the lease is over by this process's own."""
TRY_SECONDS: Final = 4.0
log = logging.getLogger(__name__)


class Wire(Protocol):
    """What is used of asyncpg's connection, whose own types are partial."""

    def is_closed(self) -> bool: ...
    async def add_listener(self, channel: str, callback: Callable[..., None]) -> None: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...  # noqa: ANN401 - whatever was asked for
    async def fetch(self, query: str, *args: object) -> Sequence[Sequence[Any]]: ...
    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - asyncpg's own


class Transactions(Protocol):
    """What is asked of the database (`bot.store.database.Database`)."""

    async def run(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any: ...  # noqa: ANN401 - as the function


class Membership:
    """`run()` for as long as the process lives: LeaseLost ends it. `connect`: a connection that holds this process's
    place; `errors`: what it fails with.
    """

    def __init__(
        self,
        database: Transactions,
        process_id: int,
        kind: str,
        connect: Callable[[], Awaitable[Wire]],
        errors: tuple[type[BaseException], ...],
    ) -> None:
        self.id = process_id
        self.kind = kind
        self.processes: tuple[Process, ...] = ()
        """Those that live, as they were at the last beat."""
        self.shards: tuple[Shard, ...] = ()
        self.hear: Callable[[str], None] = lambda _payload: None
        """Called with what another process sent (`Signals.hear`)."""
        self.works = False
        """Whether it has begun to take work."""
        self.looked: list[Callable[[], None]] = []
        """Called after each beat."""
        self._database = database
        self._connect = connect
        self._errors = errors
        self._wire: Wire | None = None
        self._nudge = asyncio.Event()
        self._beaten = self._whole_since = time.monotonic()
        self._until = self._beaten + LEASE_SECONDS - MARGIN_SECONDS
        self._held = asyncio.Event()

    @property
    def held(self) -> bool:
        """Whether the lease holds, by a clock that goes on while the process sleeps."""
        return time.monotonic() < self._until

    @property
    def leads(self) -> bool:
        """Whether what is to be done once for all processes is this one's: the oldest that connects to Discord does."""
        there = [one.id for one in self.staying()]
        return self.held and bool(there) and min(there) == self.id

    def staying(self) -> list[Process]:
        """The processes that connect to Discord, and stay."""
        return [one for one in self.processes if one.kind == "run" and not one.leaving]

    def others(self) -> list[Process]:
        """Those of them that this one is not."""
        return [one for one in self.staying() if one.id != self.id]

    def nudge(self) -> None:
        """Look at once: something changed."""
        self._nudge.set()

    async def run(self) -> None:
        while True:
            self._nudge.clear()
            try:
                async with asyncio.timeout(TRY_SECONDS):
                    silent = await self.beat()
                if silent:
                    await self._take_the_place_of_silent_ones()
            except LeaseLost:
                raise
            except self._errors as error:
                log.warning("this process can't renew its lease now: %s", type(error).__name__)
                await self._let_go()
            except StoreUnavailable as error:
                log.warning("the place of a process that is silent is not taken yet: %s", error)
            for listener in self.looked:
                listener()
            await happens(self._nudge, within=BEAT_SECONDS if self.held else BEAT_SECONDS / 4)

    async def beat(self) -> bool:
        """Renew the lease, and look at who is there. True: some are silent, and this one was awake to notice.

        LeaseLost: another process has ended it.
        """
        sent = time.monotonic()
        wire = self._wire
        if wire is None or wire.is_closed():
            await self._let_go()
            wire = self._wire = await self._connect()
            await wire.add_listener(CHANNEL, self._heard)
        renewed = await wire.fetchval(
            "UPDATE processes SET seen_at = extract(epoch FROM clock_timestamp()) "
            "WHERE id = $1 AND seen_at > 0 RETURNING id",
            self.id,
        )
        if renewed is None:
            raise LeaseLost
        found = await wire.fetch(
            "SELECT id, kind, leaving, extract(epoch FROM clock_timestamp())::float8 - seen_at, seen_at > 0 "
            "FROM processes WHERE seen_at >= 0 ORDER BY id"
        )
        self.processes = tuple(Process(*row) for *row, lives in found if lives)
        self.shards = tuple(Shard(*row) for row in await wire.fetch("SELECT * FROM shards ORDER BY id"))
        if sent - self._beaten > LEASE_SECONDS / 2:
            # It slept, or the database was away: then the others may be as well as this one.
            self._whole_since = sent
        self._beaten = sent
        self._until = sent + LEASE_SECONDS - MARGIN_SECONDS
        self._held.set()
        silent = any(not lives or seconds > LEASE_SECONDS for *_, seconds, lives in found)
        return silent and sent - self._whole_since > LEASE_SECONDS

    async def hold(self) -> None:
        """Return when the lease holds. Where another process has ended it, never: this one is over."""
        while not self.held:
            self._held.clear()
            await self._held.wait()

    async def close(self) -> None:
        """Leave: what is held is free."""
        self._until = 0.0
        try:
            await self._database.run(processes.release, [self.id])
        except LeaseLost:
            pass  # others have it already
        except StoreUnavailable as error:
            log.warning("the other processes find out by themselves that this one left: %s", error)
        await self._let_go()

    async def _take_the_place_of_silent_ones(self) -> None:
        ids = await self._database.run(processes.fence, but=self.id)
        if not ids:
            return
        ended = await self._database.run(processes.disconnect, ids)
        await self._database.run(processes.release, ids)
        log.warning("processes %s are silent: what they held is free (%s connections ended)", ids, ended)
        self.nudge()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        self.hear(payload)

    async def _let_go(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            with suppress(*self._errors):
                await wire.close(timeout=1)
