"""What can befall an SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.errors import ConfigurationError
from bot.store import key_values as facts
from bot.store.database import StoreUnavailable
from bot.store.opening import open_database

if TYPE_CHECKING:
    from collections.abc import Generator

    from sqlalchemy import Connection

LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""
MODULES = """
import asyncio, sys
from bot.generation.rows import admission, generations
from bot.orders import daily_rows
from bot.settings import stored
from bot.store import key_values
from bot.store.opening import open_database

async def main():
    async with open_database(sys.argv[1]) as database, database.hold_alone():
        await database.run(key_values.put, "a", "b")
        await database.run(stored.read, scopes=[("server", 1)])
        await database.run(admission.admit, person_limit=1, guild_limit=1, now=1.0)

asyncio.run(main())
heavy = {"alembic", "mako", "asyncpg", "greenlet"}
heavy |= {"sqlalchemy.orm", "sqlalchemy.ext.asyncio", "sqlalchemy.dialects.postgresql"}
print([name for name in sys.modules if name in heavy])
"""


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def locked(url: str) -> Generator[subprocess.Popen[str]]:
    """Another program in the middle of a write; it ends when it reads a line."""
    command = [sys.executable, "-c", LOCKER, str(path_of(url))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        try:
            yield process
        finally:
            if process.poll() is None:
                process.communicate("\n")


async def test_another_programs_lock_is_waited_for(sqlite_url: str):
    async with open_database(sqlite_url) as database:
        with locked(sqlite_url) as process:
            write = asyncio.create_task(database.run(facts.put, "a", "b"))
            done, _ = await asyncio.wait([write], timeout=0.1)
            assert not done
            process.communicate("\n")
            await write
        assert await database.run(facts.get, "a") == "b"


async def test_a_lock_that_stays_is_a_clear_error(sqlite_url: str):
    async with open_database(sqlite_url, busy_seconds=0.1) as database:
        with locked(sqlite_url):
            with pytest.raises(StoreUnavailable, match="locked by another program"):
                await database.run(facts.put, "a", "b")
            with pytest.raises(StoreUnavailable, match="locked by another program"):
                await database.run(facts.get, "a")
        await database.run(facts.put, "a", "c")
        assert await database.run(facts.get, "a") == "c"


async def test_a_queue_behind_a_lock_does_not_wait_once_each(sqlite_url: str):
    async with open_database(sqlite_url, busy_seconds=1) as database:
        with locked(sqlite_url):
            began = asyncio.get_running_loop().time()
            ends = await asyncio.gather(*(database.run(facts.get, "a") for _ in range(6)), return_exceptions=True)
            assert asyncio.get_running_loop().time() - began < 3
        assert [type(end) for end in ends] == [StoreUnavailable] * 6
        assert await database.run(lambda c: c.exec_driver_sql("PRAGMA busy_timeout").scalar()) == 1000


async def test_a_full_disk_undoes_and_heals(sqlite_url: str):
    def pages(c: Connection, count: int) -> None:
        c.exec_driver_sql(f"PRAGMA max_page_count={count}")

    def fill(c: Connection) -> None:
        facts.put(c, "small", "x")
        facts.put(c, "large", "x" * 500_000)

    async with open_database(sqlite_url) as database:
        await database.run(pages, 1)  # no less than it has
        with pytest.raises(StoreUnavailable, match="disk full"):
            await database.run(fill)
        assert await database.run(facts.get, "small") is None
        await database.run(pages, 100_000)
        await database.run(fill)
        assert len(await database.run(facts.get, "large") or "") == 500_000


async def test_it_is_set_up_to_lose_nothing(sqlite_url: str):
    def pragmas(c: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    async with open_database(sqlite_url) as database:
        assert await database.run(pragmas) == ["wal", 2, 1, 2000]


async def test_a_new_file_is_its_owners_alone(tmp_path: Path):
    path = tmp_path / "new" / "folder" / "50% off.db"
    async with open_database(f"sqlite:///{path}") as database:
        await database.run(facts.put, "a", "b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_file_that_is_no_database(tmp_path: Path):
    path = tmp_path / "photo.db"
    path.write_bytes(b"\x89PNG" * 1000)
    with pytest.raises(ConfigurationError, match=r"photo\.db can't be used: file is not a database"):
        async with open_database(f"sqlite:///{path}"):
            pass
    assert path.read_bytes() == b"\x89PNG" * 1000


async def test_a_place_where_no_file_can_be(tmp_path: Path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path, tmp_path / "file" / "x.db"):
        with pytest.raises(ConfigurationError, match=r"can't (open|be used)"):
            async with open_database(f"sqlite:///{place}"):
                pass


async def test_a_damaged_file(sqlite_url: str):
    path = path_of(sqlite_url)
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    with pytest.raises(ConfigurationError, match=r"malformed|damaged"):
        async with open_database(sqlite_url):
            pass


async def test_a_backup_reads_while_the_bot_writes(sqlite_url: str, tmp_path: Path):
    async with open_database(sqlite_url) as database:
        await database.run(facts.put, "a", "b")
        with sqlite3.connect(path_of(sqlite_url)) as source, sqlite3.connect(tmp_path / "backup.db") as target:
            source.backup(target)
            found = target.execute("SELECT value FROM facts").fetchall()
        source.close()
        target.close()
    assert found == [("b",)]


def test_a_bot_on_sqlite_carries_nothing_of_the_others(sqlite_url: str):
    printed = subprocess.run(
        [sys.executable, "-c", MODULES, sqlite_url], check=True, capture_output=True, text=True, timeout=60
    )
    assert printed.stdout.strip() == "[]"
