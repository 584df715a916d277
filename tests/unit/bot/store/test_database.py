"""`Database.run` and `hold_alone`, on both databases."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.errors import ConfigurationError
from bot.generation.work.posts import Posts
from bot.store import key_values as facts
from bot.store.database import Database, StoreUnavailable, wake
from bot.store.failures import LeaseLost
from bot.store.opening import open_database

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection

HOLDER = """
import asyncio, sys
from bot.store.opening import open_database

async def main():
    async with open_database(sys.argv[1]) as database, database.hold_alone():
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@contextmanager
def holder(url: str) -> Generator[subprocess.Popen[str]]:
    """Another process that holds the database; killed at the end."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def flocked(path: Path) -> Generator[None]:
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


async def test_a_transaction_returns_or_leaves_nothing(database: Database):
    def fail(c: Connection) -> None:
        facts.put(c, "a", "1")
        raise LookupError("after the write")

    with pytest.raises(LookupError, match="after the write"):
        await database.run(fail)
    assert await database.run(facts.get, "a") is None
    await database.run(facts.put, "a", value="2")
    assert await database.run(facts.get, "a") == "2"


async def test_many_at_once(database: Database):
    await asyncio.gather(*(database.run(facts.put, f"key {n}", str(n)) for n in range(50)))
    assert await asyncio.gather(*(database.run(facts.get, f"key {n}") for n in range(50))) == [
        str(n) for n in range(50)
    ]


async def test_who_waits_is_woken_by_what_is_committed_and_by_nothing_else(database: Database):
    woken = database.waking("a")

    def act(connection: Connection, *, fails: bool) -> None:
        wake(connection, "a")
        if fails:
            raise LookupError

    with pytest.raises(LookupError):
        await database.run(act, fails=True)
    await database.run(facts.put, "key", "value")  # on the same connection
    assert not woken.is_set()
    await database.run(act, fails=False)
    assert woken.is_set()
    assert not database.waking("b").is_set()


async def test_a_cancelled_callers_transaction_commits(database_url: str):
    async with open_database(database_url) as database:
        callers = [asyncio.create_task(database.run(facts.put, f"key {n}", "kept")) for n in range(5)]
        await asyncio.sleep(0)  # they have begun
        for caller in callers:
            caller.cancel()
        await asyncio.wait(callers)
        assert all(caller.cancelled() for caller in callers)
    async with open_database(database_url) as database:
        assert [await database.run(facts.get, f"key {n}") for n in range(5)] == ["kept"] * 5


@pytest.mark.parametrize(
    ("error", "said", "traced"),
    [
        (LookupError("nobody hears this"), ["nobody hears this"], True),
        (StoreUnavailable("the disk is full"), ["the disk is full"], False),
        (LeaseLost(), [], False),
    ],
)
async def test_a_cancelled_callers_failure_is_logged_by_what_it_is(
    database_url: str, caplog: pytest.LogCaptureFixture, error: Exception, said: list[str], *, traced: bool
):
    def fail(c: Connection) -> None:
        c.execute(text("SELECT 1"))
        raise error

    async with open_database(database_url) as database:
        caller = asyncio.create_task(database.run(fail))
        await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
    await asyncio.sleep(0)
    records = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.name for record in records] == ["bot.store.database"] * len(said)
    assert [record.getMessage().rpartition(": ")[2] for record in records] == said
    assert all(bool(record.exc_info) == traced for record in records)


async def test_one_process_alone(database_url: str):
    async with open_database(database_url) as database:
        with holder(database_url) as other:
            with pytest.raises(ConfigurationError, match="stop it first") as refused:
                async with database.hold_alone():
                    pytest.fail("both hold it")
            assert database.kind == "postgresql" or f"pid {other.pid}" in str(refused.value)
            other.kill()
            other.wait()
            async with database.hold_alone():  # the killed one let go
                assert await database.run(facts.get, "a") is None
        async with database.hold_alone():  # and so did we
            pass


async def test_an_earlier_version_and_this_one_keep_each_other_off(sqlite_url: str):
    """It took `flock` by hand, on the same file, with the process's id from its first byte."""
    path = Path(sqlite_url.removeprefix("sqlite:///") + ".lock")
    async with open_database(sqlite_url) as database:
        path.write_text("4711\n")
        with flocked(path), pytest.raises(ConfigurationError, match=r"another process \(pid 4711\)"):
            async with database.hold_alone():
                pytest.fail("both hold it")
        async with database.hold_alone():
            with pytest.raises(BlockingIOError), flocked(path):
                pytest.fail("both hold it")
            assert path.read_text().strip() == str(os.getpid())


async def test_a_lock_that_cannot_be_made_is_told(sqlite_url: str):
    path = Path(sqlite_url.removeprefix("sqlite:///") + ".lock")
    async with open_database(sqlite_url) as database:
        path.mkdir()
        with pytest.raises(ConfigurationError, match=r"can't lock .*\.lock: Is a directory"):
            async with database.hold_alone():
                pass


async def test_a_closed_database_says_so(sqlite_url: str):
    async with open_database(sqlite_url) as database:
        pass
    with pytest.raises(StoreUnavailable, match="closed"):
        await database.run(facts.get, "a")
    await database.close()  # a second time is well


async def test_a_process_that_is_alone_is_brought_nothing(database: Database):
    """And needs nothing for it: neither connections of its own nor the extra that carries."""

    async def begin(_: int) -> None:
        pytest.fail("nobody brings anything")

    async with asyncio.timeout(10):
        await database.bring(begin, Posts(1).have_room)
