"""Databases that are open, an owner's environment, and orders to put into each database."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bot.generation.ordering.orders import Orders
from bot.store.address import parse
from bot.store.schema import metadata
from bot.store.stores import as_it_is
from tests import postgresql
from tests.unit.ordering import AnyModel, Order, environment_of, insert

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from bot.environment import Environment
    from bot.store.database import Database

_SHAPE = "(SELECT count(*) FROM pg_depend) || ' ' || (SELECT count(*) FROM pg_attribute WHERE NOT attisdropped)"
"""No table, column, rule or trigger comes or goes without that."""
_FILLED = " UNION ALL ".join(
    f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"  # noqa: S608 - our names
    for name in metadata.tables
)
_EMPTY = f"""DO $$ DECLARE filled text; BEGIN
    IF current_setting('kept.shape') <> ({_SHAPE}) THEN RAISE 'changed'; END IF;
    IF (SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)
        > 1000000 THEN RAISE 'large'; END IF;
    FOR filled IN SELECT name FROM ({_FILLED}) AS found(name) LOOP
        EXECUTE 'DELETE FROM ' || filled;
    END LOOP;
    PERFORM setval(seqrelid::regclass, 1, false) FROM pg_sequence;
END $$"""  # noqa: S608


class Kept:
    """A database in PostgreSQL that one test after another finds as if it were new: to empty it takes a millisecond, to
    make one and drop it fifteen. The next one has another where it can't be emptied, was changed or is large of what is
    gone.
    """

    def __init__(self, server: str, administer: Callable[[str], None]) -> None:
        self._server, self._administer = server, administer
        self._stack = ExitStack()
        self._url = ""

    def url(self) -> str:
        if not self._url:
            self._url = self._stack.enter_context(postgresql.fresh(self._server, postgresql.TEMPLATE, self._administer))
            self._carry_out = self._stack.enter_context(postgresql.connected(self._url))
            # What points where is not looked at, row by row: all of it goes.
            self._carry_out("SET lock_timeout = '1s'; SET session_replication_role = replica")
            self._carry_out(f"SELECT set_config('kept.shape', {_SHAPE}, false)")
        return self._url

    def empty(self) -> None:
        import asyncpg  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - only for the tests that ask for it; it ships none

        try:
            self._carry_out(_EMPTY)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            self.drop()

    def drop(self) -> None:
        self._stack.close()
        self._url = ""


@pytest.fixture(scope="session")
def kept(postgresql_server: str, _administer: Callable[[str], None]) -> Iterator[Kept]:
    made = Kept(postgresql_server, _administer)
    yield made
    made.drop()


@pytest.fixture
def kept_postgresql_url(kept: Kept) -> Iterator[str]:
    yield kept.url()
    kept.empty()


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    if kind == "postgresql" and not {"database", "databases"}.isdisjoint(request.fixturenames):
        kind = "kept_postgresql"
    return request.getfixturevalue(f"{kind}_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with as_it_is(parse(database_url)) as opened:
        yield opened


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[list[Database]]:
    """Two doors into one database, as two processes have on PostgreSQL for the blink of a hand-over.

    On SQLite the same one twice: its file is held by one store alone. A second one's transactions would wait in
    SQLite's own loop of sleeps, which lets whoever comes by go first, until one's patience ends: no queue at all.
    """
    async with as_it_is(parse(database_url)) as first:
        if first.kind == "sqlite":
            yield [first, first]
        else:
            async with as_it_is(parse(database_url)) as second:
                yield [first, second]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(tmp_path)


@pytest.fixture
def orders(database: Database, environment: Environment) -> Orders:
    return Orders(database, AnyModel(), environment)


@pytest.fixture
def order() -> Order:
    return insert
