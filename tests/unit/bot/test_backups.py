"""`restore` and `move`: the database goes on from a backup, and from SQLite to PostgreSQL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot import backups
from bot.errors import ConfigurationError
from bot.generation.rows import generations
from bot.store import copying, deletions
from bot.store import key_values as facts
from bot.store.opening import open_database
from bot.store.schema import deletions as deletions_table
from bot.store.schema import generations as table
from tests.unit.ordering import environment_of
from tests.unit.ordering import insert as order
from tests.upgrade.test_upgrade import make

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.environment import Environment
    from bot.store.deletions import Deletion

pytestmark = pytest.mark.usefixtures("forked_migration")


@pytest.fixture
def owner(empty_database_url: str, tmp_path: Path) -> Environment:
    return environment_of(tmp_path, DATA_DIR=str(tmp_path / "data"), DATABASE_URL=empty_database_url)


def put(c: Connection, state: str, **facts: Any) -> int:
    row = order(c, now=time.time(), **facts)
    c.execute(update(table).where(table.c.id == row.id).values(state=state, **_needed(state)))
    return row.id


def _needed(state: str) -> dict[str, Any]:
    sent = {} if state == "queued" else {"submitted_at": time.time()}
    return sent | ({"task_id": "task"} if state == "running" else {})


def ended(c: Connection, id_: int) -> None:
    values = {"state": "cancelled", "ended_at": time.time()}
    c.execute(update(table).where(table.c.id == id_).values(values))


def states(c: Connection) -> dict[int, tuple[str, str | None]]:
    return {row.id: (row.state, row.shown_state) for row in c.execute(select(table))}


async def test_what_was_deleted_since_is_to_be_deleted_again_and_nothing_is_sent(
    owner: Environment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup.db"
    async with open_database(owner.database) as database:
        await database.run(deletions.note, person_id=1)
        queued = await database.run(put, "queued")
        over = await database.run(put, "queued", kind="image")
        submitting = await database.run(put, "submitting")
        running = await database.run(put, "running")
        assert await backups.backup(owner, file) == 0
        await database.run(ended, over)
        await database.run(deletions.note, person_id=2, channel_id=3)
        await database.run(deletions.note, message_id=4)
        await database.run(generations.remove, running, by=5, now=time.time())
        newest = await database.run(put, "queued")

    assert await backups.restore(owner, file) == 0
    said = capsys.readouterr().out
    assert "Deleted once more at the next start: 3." in said
    async with open_database(owner.database) as database:
        assert await database.run(states) == {
            queued: ("unknown", None),
            # Its card shows what became of it.
            over: ("unknown", "unknown"),
            submitting: ("unknown", None),
            running: ("running", None),
        }
        again = await database.run(deletions.to_be_done_again)
        assert [each[1:] for each in again] == [(2, 3, None, None), (None, None, 4, None), (None, None, None, running)]
        # What stands in buttons under messages of the time since is nobody else's.
        assert await database.run(put, "queued") > newest
        await _done(database, again)
        assert await database.run(deletions.to_be_done_again) == []
        left = await database.run(lambda c: c.execute(select(deletions_table.c.id)).all())
        assert len(left) == 3, "what is not an order is known of by the next restore, too"
    (kept,) = [path for path in _folder(owner).glob("replaced-*.db") if path.suffix == ".db"]
    assert kept.stat().st_mode & 0o077 == 0

    # And back to what was replaced.
    assert await backups.restore(owner, kept) == 0
    async with open_database(owner.database) as database:
        assert newest in await database.run(states)


async def _done(database: Any, again: Sequence[Deletion]) -> None:
    for each in again:
        await database.run(deletions.done_again, each)


def _folder(owner: Environment) -> Path:
    """Where what is replaced is kept."""
    return owner.data_dir.parent if owner.database.startswith("sqlite") else owner.data_dir


async def test_into_nothing_numbers_go_on_far_ahead(owner: Environment, tmp_path: Path, sqlite_url: str) -> None:
    """On another machine nobody knows which numbers were given since."""
    file = tmp_path / "backup.db"
    async with open_database(sqlite_url) as database:
        await database.run(put, "queued")
    await backups.backup(environment_of(tmp_path, DATABASE_URL=sqlite_url), file)
    await backups.restore(owner, file)
    async with open_database(owner.database) as database:
        assert await database.run(put, "queued") > copying.JUMP


async def test_an_older_one_is_brought_up_to_date(owner: Environment, tmp_path: Path) -> None:
    rows = await make(owner.database, "0009")
    async with open_database(owner.database, copies=tmp_path):
        pass
    await backups.restore(owner, tmp_path / "before-upgrade-from-0009.db")
    async with open_database(owner.database) as database:
        assert (await database.run(copying.totals))["generations"][0] == rows["generations"]


async def test_not_while_the_bot_runs(owner: Environment, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    async with open_database(owner.database) as database:
        await backups.backup(owner, file)
        async with database.hold_alone():
            with pytest.raises(ConfigurationError, match="another process"):
                await backups.restore(owner, file)
            await database.run(facts.put, "still", "there")
    assert list(_folder(owner).glob("replaced-*")) == []


async def test_a_damaged_database_is_kept_with_its_log(tmp_path: Path, sqlite_url: str) -> None:
    owner = environment_of(tmp_path, DATA_DIR=str(tmp_path), DATABASE_URL=sqlite_url)
    file = tmp_path / "backup.db"
    await backups.backup(owner, file)
    database = tmp_path / "onekey.db"
    database.write_bytes(b"damaged" * 1000)
    (tmp_path / "onekey.db-wal").write_bytes(b"a log")
    assert await backups.restore(owner, file) == 0
    assert not (tmp_path / "onekey.db-wal").exists()
    (kept,) = tmp_path.glob("replaced-*.db")
    assert kept.read_bytes() == b"damaged" * 1000
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"a log"
    async with open_database(sqlite_url) as opened:
        await opened.run(put, "queued")


@pytest.mark.parametrize("name", ["onekey.db", "notes.txt"])
async def test_what_is_no_backup_is_neither_written_over_nor_restored(
    sqlite_url: str, tmp_path: Path, name: str
) -> None:
    owner = environment_of(tmp_path, DATA_DIR=str(tmp_path), DATABASE_URL=sqlite_url)
    (tmp_path / "notes.txt").write_text("mine")
    before = (tmp_path / name).read_bytes()
    with pytest.raises(ConfigurationError, match=f"{name} (is the database itself|exists and is no backup)"):
        await backups.backup(owner, tmp_path / name)
    with pytest.raises(ConfigurationError, match=r"notes\.txt is no backup"):
        await backups.restore(owner, tmp_path / "notes.txt")
    assert (tmp_path / name).read_bytes() == before


async def test_from_sqlite_to_postgresql(
    empty_sqlite_url: str, empty_postgresql_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await make(empty_sqlite_url, "0005")
    owner = environment_of(tmp_path, DATA_DIR=str(tmp_path), DATABASE_URL=empty_sqlite_url)
    assert await backups.move(owner, empty_postgresql_url) == 0
    said = capsys.readouterr().out
    assert "compared column by column" in said
    assert "generations" in said
    async with open_database(empty_postgresql_url) as there:
        moved = await there.run(copying.totals)
        ids = await there.run(lambda c: c.execute(select(table.c.id)).scalars().all())
        assert await there.run(put, "queued") > max(ids)
    assert sum(rows[0] or 0 for rows in moved.values()) > 100
    with pytest.raises(ConfigurationError, match=r"was moved to PostgreSQL at .*: set DATABASE_URL to that"):
        async with open_database(empty_sqlite_url):
            pass


async def of_one_order(url: str, folder: Path) -> Environment:
    """Whose SQLite database holds something."""
    async with open_database(url) as database:
        await database.run(put, "queued")
    return environment_of(folder, DATA_DIR=str(folder), DATABASE_URL=url)


async def test_what_was_moved_and_not_marked_is_marked_by_the_next_try(
    sqlite_url: str, empty_postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await of_one_order(sqlite_url, tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(backups.facts, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            await backups.move(owner, empty_postgresql_url)
    assert await backups.move(owner, empty_postgresql_url) == 0


async def test_not_over_what_is_there(sqlite_url: str, postgresql_url: str, tmp_path: Path) -> None:
    owner = environment_of(tmp_path, DATA_DIR=str(tmp_path), DATABASE_URL=sqlite_url)
    async with open_database(sqlite_url) as here, open_database(postgresql_url) as there:
        await here.run(put, "queued", prompt="of here")
        await there.run(put, "queued", prompt="of there, before")
    with pytest.raises(ConfigurationError, match="holds rows already: name an empty database"):
        await backups.move(owner, postgresql_url)
    async with open_database(sqlite_url):
        pass  # it is not moved


async def test_a_copy_that_differs_is_undone(
    sqlite_url: str, postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await of_one_order(sqlite_url, tmp_path)
    whole = copying.copy_rows

    def all_but_one(source: Connection, target: Connection) -> None:
        whole(source, target)
        target.execute(update(table).where(table.c.id == 1).values(prompt="another"))

    with monkeypatch.context() as patch:
        patch.setattr(copying, "copy_rows", all_but_one)
        with pytest.raises(ConfigurationError, match="the copy differs in generations: nothing was changed"):
            await backups.move(owner, postgresql_url)
    async with open_database(postgresql_url) as there, open_database(sqlite_url):
        assert (await there.run(copying.totals))["generations"][0] == 0
