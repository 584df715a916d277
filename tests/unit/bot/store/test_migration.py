"""The schema's way to this code's: made at once, or by the child process that migrates."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bot.errors import ConfigurationError
from bot.store import key_values as facts
from bot.store import schema
from bot.store.address import parse
from bot.store.database import Database
from bot.store.migrate import configuration
from bot.store.opening import open_database
from bot.store.stores import as_it_is
from bot.store.upgrade import URL_VARIABLE, make_tables
from tests.e2e import forking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

FORKED = pytest.mark.usefixtures("forked_migration")


def tables(c: Connection) -> set[str]:
    return set(inspect(c).get_table_names())


def shape(c: Connection) -> dict[str, Any]:
    """All that a database tells of its tables, but for the columns' order: every statement names its columns."""
    look = inspect(c)
    found: dict[str, Any] = {}
    for name in look.get_table_names():
        parts = (
            look.get_columns(name),
            look.get_foreign_keys(name),
            look.get_unique_constraints(name),
            look.get_indexes(name),
            look.get_check_constraints(name),
        )
        found[name] = [look.get_pk_constraint(name), *(sorted(map(_told, part)) for part in parts)]
    if c.dialect.name == "sqlite":
        made = c.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"))
        found["numbered for good"] = list(made.scalars())
    found["revision"] = list(c.execute(text("SELECT version_num FROM alembic_version")).scalars())
    return found


def _told(part: Mapping[str, Any]) -> str:
    # Of a type or a condition, not which object it is.
    return str({key: _told(value) if isinstance(value, dict) else str(value) for key, value in part.items()})  # pyright: ignore[reportUnknownArgumentType] - SQLAlchemy's reflection


def test_the_newest_migration_is_the_one_the_code_names():
    script = ScriptDirectory.from_config(configuration("sqlite:///unused.db"))
    assert script.get_current_head() == schema.HEAD
    assert tuple(revision.revision for revision in script.walk_revisions())[::-1] == schema.REVISIONS
    for revision in script.walk_revisions():
        assert "Reason:" in (revision.module.__doc__ or ""), "each says why it is there"


@pytest.fixture
def beside_url(database_url: str, request: pytest.FixtureRequest) -> str:
    """An empty database beside `database`, of its kind."""
    return request.getfixturevalue(f"empty_{database_url.partition(':')[0]}_url")


async def test_tables_made_at_once_are_the_migrated_ones(database: Database, beside_url: str):
    made = await database.run(shape)
    await asyncio.to_thread(command.upgrade, configuration(beside_url), "head")
    async with as_it_is(parse(beside_url)) as migrated:
        assert made == await migrated.run(shape)
    assert made.keys() >= {*schema.metadata.tables, "alembic_version"}
    assert made["revision"] == [schema.HEAD]
    assert len(made["generations"][-1]) == 16, "its CHECK constraints"


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE facts ADD COLUMN extra INTEGER",
        "DROP INDEX ix_events_at",
        "CREATE TABLE extra (a INTEGER, CHECK (a > 0))",
    ],
)
async def test_a_difference_would_be_seen(database: Database, change: str):
    """The comparison above is one that can fail."""
    before = await database.run(shape)
    await database.run(lambda c: c.execute(text(change)))
    assert await database.run(shape) != before


async def test_an_empty_database_gets_its_tables_once_and_needs_no_child(
    empty_database_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(asyncio, "create_subprocess_exec", None)
    caplog.set_level(logging.INFO)
    async with open_database(empty_database_url) as database:
        assert await database.run(tables) == {*schema.metadata.tables, "alembic_version"}
        await database.run(facts.put, "a", "b")
    assert "made the tables of" in caplog.text
    caplog.clear()
    async with open_database(empty_database_url) as database:
        assert await database.run(facts.get, "a") == "b"
    assert not caplog.text


async def test_two_that_make_the_tables_at_once_do_not_collide(empty_database_url: str):
    async with as_it_is(parse(empty_database_url)) as one, as_it_is(parse(empty_database_url)) as other:
        made = await asyncio.gather(*(database.run(make_tables) for database in (one, other, one, other)))
    assert sorted(made) == [False, False, False, True]


async def test_tables_made_at_once_are_migrated_later(database: Database, database_url: str, tmp_path: Path):
    """By a migration that makes a table anew and names a constraint of it, which is the hardest on SQLite."""
    (tmp_path / "9000_later.py").write_text(
        f"""from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "9000", "{schema.HEAD}", None, None
def upgrade():
    with op.batch_alter_table("generations", table_kwargs={{"sqlite_autoincrement": True}}) as table:
        table.drop_constraint(op.f("ck_generations_action"), type_="check")
        table.drop_column("action")
        table.add_column(sa.Column("later", sa.Text))
"""
    )
    later = configuration(database_url)
    versions = Path(schema.__file__).parents[1] / "migrations" / "versions"
    later.set_main_option("version_locations", f"{versions}{os.pathsep}{tmp_path}")
    await asyncio.to_thread(command.upgrade, later, "head")
    found = await database.run(shape)
    assert found["revision"] == ["9000"]
    assert "'later'" in str(found["generations"][1])
    assert len(found["generations"][-1]) == 15


@FORKED
async def test_one_that_says_less_than_it_has_is_refused_and_left_alone(database_url: str):
    """Nobody but a hand in the database stamps it so; the child finds what it is to make."""
    async with as_it_is(parse(database_url)) as database:
        stamp = text("UPDATE alembic_version SET version_num = :revision")
        await database.run(lambda c: c.execute(stamp, {"revision": schema.REVISIONS[-2]}))
        before = await database.run(shape)
        with pytest.raises(ConfigurationError, match=r"can't be brought to \d+: .*(already exists|duplicate)"):
            async with open_database(database_url):
                pass
        assert await database.run(shape) == before


@FORKED
async def test_who_may_make_no_tables_is_told_so(empty_postgresql_url: str):
    async with as_it_is(parse(empty_postgresql_url)) as database:
        await database.run(lambda c: c.execute(text("CREATE ROLE weak LOGIN PASSWORD 'hush'")))
        try:
            with pytest.raises(ConfigurationError, match=r"can't be brought to \d+: .*permission denied") as refused:
                async with open_database(empty_postgresql_url.replace("postgres@", "weak:public@")):
                    pass
            assert str(refused.value).endswith("permission denied for schema ***")
        finally:
            await database.run(lambda c: c.execute(text("DROP ROLE weak")))


async def test_one_that_is_behind_is_brought_up(empty_database_url: str):
    """Behind: Alembic knows the database, and no migration has run."""
    async with as_it_is(parse(empty_database_url)) as behind:
        await behind.run(lambda c: c.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")))
    async with open_database(empty_database_url) as database:
        assert await database.run(facts.get, "a") is None


async def test_one_of_a_newer_bot_is_refused_and_left_alone(database_url: str):
    async with open_database(database_url) as database:
        await database.run(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(ConfigurationError, match=r"newer version of this bot \(schema 9999"):
        async with open_database(database_url):
            pass


@FORKED
async def test_a_migration_that_fails_leaves_nothing_and_says_why(
    empty_database_url: str, caplog: pytest.LogCaptureFixture
):
    url = empty_database_url.replace("postgres@", "postgres:hush@")
    async with as_it_is(parse(url)) as foreign:
        await foreign.run(lambda c: c.execute(text("CREATE TABLE facts (mine INTEGER)")))
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ConfigurationError, match=r"can't be brought to \d+: .*facts.* already exists") as refused:
        async with open_database(url):
            pass
    assert "\n" not in str(refused.value)
    assert "hush" not in str(refused.value) + caplog.text
    async with as_it_is(parse(url)) as foreign:
        assert await foreign.run(tables) == {"facts"}


@FORKED
async def test_what_the_child_says_is_logged_without_the_password(
    empty_postgresql_url: str, caplog: pytest.LogCaptureFixture
):
    async with as_it_is(parse(empty_postgresql_url)) as foreign:
        await foreign.run(lambda c: c.execute(text("CREATE TABLE facts (mine INTEGER)")))
    with pytest.raises(ConfigurationError, match=r'relation "\*\*\*" already exists'):
        async with open_database(empty_postgresql_url.replace("postgres@", "postgres:facts@")):
            pass
    assert 'relation "***" already exists' in caplog.text


@FORKED
async def test_old_orders_stay_as_they_were_when_a_state_is_added(empty_database_url: str):
    """With what points to them, and the numbers that were used before; then the new state is one of theirs."""
    await asyncio.to_thread(command.upgrade, configuration(empty_database_url), "0005")
    insert = text(
        "INSERT INTO generations (kind, state, epoch, person_id, channel_id, context, private, token_only,"
        " application_id, locale, prompt, model, parameters, created_at, submitted_at, generated_at, ended_at,"
        " parent_id) VALUES ('image', 'delivered', 3, 1, 2, 'bot_dm', false, false, 4, 'en', 'a fox', 'wan', '{}',"
        " 1, 2, 3, 4, CAST(:parent AS BIGINT))"
    )

    def fill(c: Connection) -> None:
        for parent in (None, 1, 1):
            c.execute(insert, {"parent": parent})
        c.execute(text("INSERT INTO results (generation_id, position, url) VALUES (1, 0, 'https://a/b')"))
        c.execute(text("INSERT INTO votes (generation_id, person_id, position, voted_at) VALUES (2, 7, 0, 5)"))
        c.execute(text("DELETE FROM generations WHERE id = 3"))

    def read(c: Connection) -> list[Any]:
        orders = c.execute(text("SELECT id, state, epoch, parent_id, prompt, ended_at FROM generations ORDER BY id"))
        theirs = c.execute(text("SELECT results.generation_id, votes.generation_id FROM results, votes"))
        return [*map(tuple, orders), *map(tuple, theirs)]

    def go_on(c: Connection) -> int:
        c.execute(text("UPDATE generations SET state = 'unfetched' WHERE id = 1"))
        c.execute(insert, {"parent": 2})
        c.execute(text("DELETE FROM generations WHERE id = 1"))
        assert c.execute(text("SELECT count(*) FROM results")).scalar() == 0, "what points to it went along"
        return int(c.execute(text("SELECT max(id) FROM generations")).scalar_one())

    async with as_it_is(parse(empty_database_url)) as old:
        await old.run(fill)
        before = await old.run(read)
    async with open_database(empty_database_url) as database:
        assert await database.run(read) == before
        assert len(before) == 3
        assert await database.run(go_on) == 4, "an id is never used a second time"


async def test_not_under_a_bot_that_works(empty_database_url: str):
    async with as_it_is(parse(empty_database_url)) as at_work, at_work.hold_alone():
        with pytest.raises(ConfigurationError, match="stop it first"):
            async with open_database(empty_database_url):
                pass
        assert await at_work.run(tables) == set()


async def test_two_at_once_do_not_collide(empty_database_url: str):
    ends = await asyncio.gather(*(child(**{URL_VARIABLE: empty_database_url}) for _ in range(3)))
    assert [code for code, _ in ends] == [0, 0, 0], ends
    assert sum("Running upgrade" in said for _, said in ends) == 1


async def test_the_child_without_a_url_says_so():
    code, said = await child()
    assert code == 2
    assert URL_VARIABLE in said


async def child(**given: str) -> tuple[int | None, str]:
    process = await forking.piped("bot.store.migrate", environment={**os.environ, **given})
    said, _ = await process.communicate()
    return process.returncode, said.decode()
