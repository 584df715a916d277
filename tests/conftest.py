"""Databases for every test that wants one: a fresh SQLite file, or a fresh database in a real PostgreSQL.

`database` runs a test on both. `sqlite_url` and `postgresql_url` are for processes of one's own: the schema is in them
already. `empty_sqlite_url` and `empty_postgresql_url` have nothing in them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests import postgresql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.store.database import Database

_TEMPLATE = "onekey_template"


def pytest_configure() -> None:
    """Bytecode is written, whatever the environment says: else each process compiles all, ten seconds of a core."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


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
    with postgresql.server() as socket_folder:
        yield postgresql.url_of(socket_folder, "postgres")


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    postgresql.run(postgresql_server, f"CREATE DATABASE {_TEMPLATE}")
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


def _fresh(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    postgresql.run(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield server.replace("/postgres?", f"/{name}?")
    postgresql.run(server, f"DROP DATABASE {name} WITH (FORCE)")
