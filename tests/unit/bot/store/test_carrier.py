"""What PgQueuer logs where its connection is lost."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

import asyncpg  # pyright: ignore[reportMissingTypeStubs] - it ships none
import pytest

from bot.store import carrier
from bot.store.failures import LeaseLost
from tests import postgresql

LOG = logging.getLogger("pgqueuer")


@pytest.mark.parametrize(
    "lost",
    [
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        ConnectionResetError(104, "reset by peer"),
        LeaseLost(),
    ],
)
def test_a_lost_connection_is_one_sentence(caplog: pytest.LogCaptureFixture, lost: Exception) -> None:
    assert carrier.in_a_sentence in LOG.filters
    LOG.error("Flush failed, requeuing %d items", 1, exc_info=lost)
    assert caplog.messages == [f"Flush failed, requeuing 1 items: {type(lost).__name__}"]
    assert [(one.levelname, one.exc_info) for one in caplog.records] == [("WARNING", None)]


def test_a_fault_of_its_own_keeps_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    LOG.error("Flush failed, requeuing %d items", 1, exc_info=KeyError("job"))
    assert [(one.levelname, one.exc_info is None) for one in caplog.records] == [("ERROR", False)]


async def test_processes_that_start_together_make_its_tables_once(postgresql_url: str):
    connect = partial(postgresql.connect, postgresql_url)
    connection = await connect()
    for _ in range(10):
        await connection.execute(f"DROP SCHEMA IF EXISTS {carrier.SCHEMA} CASCADE")
        await asyncio.gather(*(carrier.install(connect) for _ in range(4)))
    await connection.close()
