"""A backup holds a database of either engine as it was at one moment, without tokens, and goes back into either."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, update

from bot.errors import ConfigurationError
from bot.store import copying
from bot.store.address import parse
from bot.store.backup_file import MADE_FACT, open_file, read_backup, write_backup
from bot.store.opening import open_database
from bot.store.schema import HEAD, generations, growing_answers, setting_changes
from tests.unit.ordering import insert as order
from tests.upgrade.test_upgrade import make

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

pytestmark = pytest.mark.usefixtures("forked_migration")

TOKEN = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTA6c2VjcmV0"


def fill(c: Connection) -> None:
    """What is easily lost: tokens that must be, JSON's null and SQL's, signs of every plane, and what grows."""
    order(c, token=TOKEN, token_expires_at=9e9, prompt="一只猫 🐈 'quoted'", parameters={"size": None, "n": 1.5})
    change = {"scope": "server", "scope_id": 2**62, "key": "max_images", "changed_by": 2**62 + 1, "changed_at": 5.25}
    c.execute(insert(setting_changes).values(before=None, after=4, **change))
    c.execute(insert(setting_changes).values(before="null", after={"a": [None, "é"]}, **change))
    place = {"key": 7, "application_id": 1, "channel_id": 2, "message_id": 3, "original": True, "token_only": False}
    c.execute(insert(growing_answers).values(token=TOKEN, token_expires_at=9e9, locale="en", **place))


def without_tokens(c: Connection) -> dict[str, Any]:
    """All rows in sums, as they are without what a backup leaves out."""
    c.execute(update(generations).values(token=None, token_expires_at=None))
    c.execute(update(growing_answers).values(token="", token_expires_at=0.0))
    found: dict[str, Any] = dict(copying.totals(c))
    del found["facts"]
    return found


async def test_it_holds_all_but_tokens_and_goes_back(empty_database_url: str, tmp_path: Path) -> None:
    await make(empty_database_url, "0005")
    file = tmp_path / "backup.db"
    async with open_database(empty_database_url) as database:
        await database.run(fill)
        given = await database.run(copying.counters)
        await write_backup(parse(empty_database_url), file)
        kept = await database.run(without_tokens)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup.db"]
    assert TOKEN.encode() not in file.read_bytes()
    found = read_backup(file)
    assert found is not None
    assert found[0] is not None
    assert found[1] == HEAD
    assert sum(rows[0] for rows in kept.values()) > 100
    with open_file(file) as c:
        assert {name: rows for name, rows in copying.totals(c).items() if name != "facts"} == kept
        # (SQLite keeps it of those alone whose numbers stand outside, in buttons and logs.)
        assert copying.counters(c).items() <= given.items()
        assert copying.counters(c)["generations"] > 20
    with closing(sqlite3.connect(file)) as plain:
        assert plain.execute("SELECT before, after FROM setting_changes ORDER BY id DESC LIMIT 2").fetchall() == [
            ('"null"', '{"a": [null, "\\u00e9"]}'),
            (None, 4),
        ]
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
        assert plain.execute("PRAGMA journal_mode").fetchall() == [("delete",)]


async def test_of_one_that_is_taken_again_the_newer_stands(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    for moment in range(2):
        async with open_database(sqlite_url) as database:
            await database.run(order, person_id=moment)
        await write_backup(parse(sqlite_url), file)
    with open_file(file) as c:
        assert copying.totals(c)["generations"][0] == 2


async def test_a_copy_is_kept_of_what_is_about_to_be_migrated(empty_database_url: str, tmp_path: Path) -> None:
    revision = "0012"
    before = await make(empty_database_url, revision)
    async with open_database(empty_database_url, copies=tmp_path):
        pass
    copy = tmp_path / f"before-upgrade-from-{revision}.db"
    found = read_backup(copy)
    assert found is not None
    assert found[1] == revision
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as plain:
        counted = {name: plain.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in before}  # noqa: S608 - our own tables
    assert counted | {"facts": before.get("facts", 0)} == before | {"facts": before.get("facts", 0)}


async def test_without_a_copy_nothing_is_migrated(empty_sqlite_url: str, tmp_path: Path) -> None:
    await make(empty_sqlite_url, "0016")
    with pytest.raises(ConfigurationError, match="no copy can be made before the upgrade, and nothing was changed"):
        async with open_database(empty_sqlite_url, copies=tmp_path / "missing"):
            pass
    with closing(sqlite3.connect(tmp_path / "empty.db")) as plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchone() == ("0016",)


@pytest.mark.parametrize("content", [b"", b"not a database", None])
def test_what_is_no_backup_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "file.db").write_bytes(content)
    assert read_backup(tmp_path / "file.db") is None


async def test_a_damaged_one_is_told(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    async with open_database(sqlite_url) as database:
        for person in range(300):
            await database.run(order, person_id=person, prompt="a word " * 50)
    await write_backup(parse(sqlite_url), file)
    assert read_backup(file) is not None
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert read_backup(file) is None


def test_the_name_of_its_date_is_fixed() -> None:
    """Files of today are read by later versions."""
    assert MADE_FACT == "backup_made_at"
