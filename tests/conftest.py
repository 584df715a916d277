"""Databases for every test that wants one: a fresh SQLite file, or a fresh database in a real PostgreSQL.

`database_url` runs a test on both, and so does `database` of the unit tests. Where a module is marked
`databases("sqlite")` it runs on that alone: it tells of the code above the statements, which have their own tests on
both. What races there is marked with `BOTH`.
`sqlite_url` and `postgresql_url` are for processes of one's own: the schema is in them already. `empty_sqlite_url` and
`empty_postgresql_url` have nothing in them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.util import LRUCache

from tests import postgresql

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

BOTH = ("sqlite", "postgresql")
_WAITING = {"browser", "e2e", "upgrade"}
_LONG = {"test_several.py", "test_transcripts.py", "test_backups.py"}
"""Files that take long though they are short."""


def pytest_configure(config: pytest.Config) -> None:
    """Bytecode is written, whatever the environment says: else each process compiles all, ten seconds of a core.

    Folders of tests are in memory where there is room: to write them to a disk is a twentieth of all work.
    """
    config.addinivalue_line("markers", "databases(*kinds): on which of them tests with a database run, of two")
    if (memory := postgresql.memory(free=4 * 2**30)) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Where nothing is compiled yet, two processes do it for all that come after them: each would do it for itself."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if whole and next(config.rootpath.glob("tests/unit/**/__pycache__/*-pytest-*.pyc"), None) is None:
        collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0"]
        parts = ["tests/unit"], ["tests", "--ignore=tests/unit"]
        compilers = [subprocess.Popen([*collect, *part], stdout=subprocess.DEVNULL) for part in parts]
        for each in compilers:
            each.wait()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected lives to the end: Python need not look again and again which of it is garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order in which they begin: those with processes of their own, which wait a lot, evenly among those
    that reckon; of either, large ones first, so that no process has a long one left when the others are done.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    ranks: dict[Path, float] = {}
    for waits in (True, False):
        kind = [path for path in files if waits == bool(_WAITING.intersection(path.parts))]
        kind.sort(key=lambda path: (path.name not in _LONG, -path.stat().st_size))
        ranks |= {path: number / len(kind) for number, path in enumerate(kind)}
    items[:] = [item for path in sorted(files, key=lambda path: ranks[path]) for item in files[path]]


_made: dict[type[Dialect], tuple[Dialect, Any]] = {}


@event.listens_for(Engine, "engine_connect")
def _share_what_was_made(connection: Connection) -> None:
    """What SQLAlchemy learned of a kind of database and made of each statement serves all databases of that kind: for
    one that lives as long as a test, that is more work than the test's own.
    """
    engine = connection.engine
    dialect, made = _made.setdefault(type(engine.dialect), (engine.dialect, LRUCache[Any, Any](5000)))
    if engine.dialect is not dialect:
        engine.dialect = connection.dialect = dialect
    engine._compiled_cache = made  # pyright: ignore[reportPrivateUsage] - it has no other door


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
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL 18 on a Unix socket, the same for all processes of a run; the URL of its `postgres` database."""
    folder = tmp_path_factory.getbasetemp()
    # Each process of several has its folder beside the others'.
    with postgresql.shared(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder, _make_template) as sockets:
        yield postgresql.url_of(sockets, "postgres")


def _make_template(server: str) -> None:
    postgresql.run(server, f"CREATE DATABASE {postgresql.TEMPLATE}")
    asyncio.run(_make(server.replace("/postgres?", f"/{postgresql.TEMPLATE}?")))


@pytest.fixture(scope="session")
def _administer(postgresql_server: str) -> Iterator[Callable[[str], None]]:
    with postgresql.connected(postgresql_server) as carry_out:
        yield carry_out


@pytest.fixture
def empty_postgresql_url(postgresql_server: str, _administer: Callable[[str], None]) -> Iterator[str]:
    with postgresql.fresh(postgresql_server, "template0", _administer) as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql_server: str, _administer: Callable[[str], None]) -> Iterator[str]:
    with postgresql.fresh(postgresql_server, postgresql.TEMPLATE, _administer) as url:
        yield url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        named = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("database_url", named.args if named else BOTH, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"empty_{request.param}_url")


@pytest.fixture
def forked_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child process that migrates is forked: a new Python takes longer to import it than it has to do."""
    from tests.e2e import forking  # noqa: PLC0415 - only for the tests that ask for it

    new_python = asyncio.create_subprocess_exec

    async def start(*command: Any, **options: Any) -> Any:
        if command[2:] != ("-m", "bot.store.migrate"):
            return await new_python(*command, **options)
        return await forking.piped(command[-1], environment=options["env"])

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)


async def _make(url: str) -> None:
    from bot.store.opening import open_database  # noqa: PLC0415 - only for the tests that ask for it

    async with open_database(url):
        pass
