"""PgQueuer carries the ids of what is to be begun to whichever process takes them first.

An id is put in the queue by the transaction that makes it true (`bot.store.database.carry`), and is out of it once a
process has taken the row, by its own number: what becomes of the row after that hangs on the process's lease, not on
the queue. So a video that takes an hour is no job of an hour, and has no heartbeat of its own. What the queue loses is
found by a look at the rows.

Imported only where several processes share a database: with what it brings along it takes 20 MiB.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs] - it ships none
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import FailingListenerError as Unheard
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel

from bot.store.failures import StoreUnavailable
from bot.store.upgrade import UPGRADE_KEY

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection

    from pgqueuer.domain.models import HealthCheckEvent, Job

log = logging.getLogger(__name__)

SCHEMA: Final = "pgqueuer"
"""Its tables stand beside the bot's: a migration touches neither the one nor the other."""
ENTRYPOINT: Final = "generation"
LOOK: Final = timedelta(seconds=5)
"""Where no notification wakes it."""
FORGET_SECONDS: Final = 3600.0
"""Between two times that PgQueuer's log of what it carried is emptied: nobody reads it."""
PROBE: Final = timedelta(seconds=30)
"""How long a notification may be on its way, the second time."""
_SETTINGS: Final = DBSettings(db_schema=SCHEMA, durability=Durability.balanced, channel=Channel("onekey_bot_queue"))
# The driver has an error of its own for what is asked on a connection that has just been ended; and where another
# process has this one's work, it gets no new one.
_LOST: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, StoreUnavailable)


async def put(connection: object, ids: Collection[int]) -> None:
    """Put ids in the queue, within the transaction that `connection`, asyncpg's own, is in."""
    carried: list[bytes | None] = [str(id_).encode() for id_ in ids]
    count = len(carried)
    await _queries(AsyncpgDriver(cast("Any", connection))).enqueue([ENTRYPOINT] * count, carried, [0] * count)


async def install(connect: Callable[[], Awaitable[Any]]) -> None:
    """Have PgQueuer's tables there, as this version of it wants them."""
    connection = await connect()
    try:
        # Of two that make it in the same moment PostgreSQL refuses one. The lock goes with the connection.
        await connection.execute(f"SELECT pg_advisory_lock({UPGRADE_KEY})")
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        await _queries(AsyncpgDriver(connection)).upgrade()  # with a lock of its own
    finally:
        await connection.close()


async def bring(
    connect: Callable[[], Awaitable[Any]],
    begin: Callable[[int], Awaitable[None]],
    have_room: Callable[[], Awaitable[None]],
) -> None:
    """Call `begin` with each id that comes to this process, one whenever it has room. Ends with an error when its
    connection is lost: Unheard, where only the queue's notifications don't come by it.
    """
    async with _pool(connect) as pool:
        queries = _queries(AsyncpgPoolDriver(pool))
        manager = _Manager(queries, Channel(_SETTINGS.channel))
        manager.have_room = have_room

        async def brought(job: Job) -> None:
            await begin(int(job.payload or b"0"))

        manager.entrypoint(ENTRYPOINT, accepts_context=False)(brought)
        forgetting = asyncio.create_task(_forget(queries))
        try:
            await manager.run(
                dequeue_timeout=LOOK,
                batch_size=1,  # the others are to have some, too
                shutdown_on_listener_failure=True,
                log_aggregation_interval=timedelta(0),
            )
        finally:
            forgetting.cancel()
            await asyncio.gather(forgetting, return_exceptions=True)  # its connection is the pool's


def in_a_sentence(record: logging.LogRecord) -> bool:
    """Of a connection that is lost PgQueuer logs a trace where it happens; who brings the ids says it, too."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, _LOST):
        record.msg, record.args = f"{record.getMessage()}: {type(error).__name__}", ()
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
    return True


logging.getLogger("pgqueuer").addFilter(in_a_sentence)


class _Manager(QueueManager):
    have_room: Callable[[], Awaitable[None]]

    async def fetch_jobs(
        self, batch_size: int, global_concurrency_limit: int | None, heartbeat_timeout: timedelta
    ) -> AsyncGenerator[Job, None]:
        """Each when there is room for it: what is taken before would wait here, while others could begin it."""
        await self.have_room()
        async for job in super().fetch_jobs(batch_size, global_concurrency_limit, heartbeat_timeout):
            yield job
            await self.have_room()

    async def listener_healthy(self, timeout: timedelta = PROBE) -> HealthCheckEvent:  # noqa: ASYNC109 - the library's
        """Whether a notification of its own comes back. PgQueuer sends the first before it is sure to listen, and gives
        up after one: on a busy machine it would begin anew each ten seconds.
        """
        with contextlib.suppress(Unheard):
            return await super().listener_healthy(timeout)
        return await super().listener_healthy(PROBE)


async def _forget(queries: Queries) -> None:
    while True:
        await asyncio.sleep(FORGET_SECONDS)
        await queries.clear_queue_log(ENTRYPOINT)


@asynccontextmanager
async def _pool(connect: Callable[[], Awaitable[Any]]) -> AsyncGenerator[Any]:
    async def connected(*_: object, **__: object) -> Any:  # noqa: ANN401 - asyncpg's connection, untyped
        return await connect()

    # None is kept by the pool itself, which would log a trace for each that it can't have.
    async with cast("Any", asyncpg).create_pool(min_size=0, max_size=3, connect=connected) as pool:
        yield pool


def _queries(driver: AsyncpgDriver | AsyncpgPoolDriver) -> Queries:
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(_SETTINGS),
        qbq=QueryQueueBuilder(_SETTINGS),
        qbs=QuerySchedulerBuilder(_SETTINGS),
    )
