"""The janitor: rows and files of the same age go together, in steps, whatever goes wrong in between."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import create_autospec

import pytest

from bot.generation.files.fetching import ResultFetcher
from bot.generation.files.result_files import ResultFiles
from bot.generation.pace import Limits
from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.orders import daily_rows as daily
from bot.store.database import StoreUnavailable
from cogs.jam import round_rows
from cogs.jam import rows as jams
from cogs.jam.records import NewJam
from cogs.privacy import janitor as of_janitor
from cogs.privacy.janitor import Janitor
from tests.unit.ordering import insert

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

DAY = 86_400.0
NOW = 1_000 * DAY


@pytest.fixture
def result_files(database: Database, tmp_path: Path) -> ResultFiles:
    """One that fetches nothing."""
    fetcher = create_autospec(ResultFetcher, instance=True)
    return ResultFiles(database=database, fetcher=fetcher, api_base_url="https://x", data_dir=tmp_path, limits=Limits())


def dropped(c: Connection, at: float) -> Generation:
    """An order that could not be delivered then."""
    row = insert(c, kind="image", guild_id=None, channel_id=2, message_id=None, context="bot_dm", now=at)
    ended = generations.end(c, row.id, from_states={"queued"}, state="dropped", ended_at=at)
    assert ended is not None
    return ended


def kept_file(folder: Path, row: Generation) -> Path:
    path = folder / "results" / str(row.id) / "0.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"png")
    return path


async def test_rows_and_files_of_the_same_age(
    database: Database, result_files: ResultFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(of_janitor, "STEP", 3)
    old = [await database.run(dropped, NOW - 31 * DAY) for _ in range(7)]
    young = await database.run(dropped, NOW - 29 * DAY)
    files = {row.id: kept_file(tmp_path, row) for row in (*old, young)}
    await database.run(daily.take, person_id=1, kind="ask", day=999, limit=9)
    await database.run(daily.take, person_id=1, kind="ask", day=1000, limit=9)
    assert await Janitor(database, result_files).round(now=NOW) == 7
    assert [id_ for id_, path in files.items() if path.exists()] == [young.id]
    found = [await database.run(generations.get, row.id) for row in (*old, young)]
    assert [row.prompt for row in found if row is not None] == [""] * 7 + ["a red fox"]
    assert await database.run(daily.used, person_id=1, kind="ask", day=999) == 0
    assert await database.run(daily.used, person_id=1, kind="ask", day=1000) == 1
    assert await Janitor(database, result_files).round(now=NOW) == 0


@pytest.mark.parametrize("fault", [StoreUnavailable("locked"), RuntimeError("a mistake")])
async def test_a_fault_does_not_end_it(
    database: Database,
    result_files: ResultFiles,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
):
    rounds: list[float] = []
    again = asyncio.Event()

    async def fail(_janitor: Janitor, *, now: float) -> int:
        rounds.append(now)
        if len(rounds) == 3:
            again.set()
        raise fault

    monkeypatch.setattr(of_janitor, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(Janitor, "round", fail)
    with caplog.at_level(logging.ERROR):
        running = asyncio.create_task(Janitor(database, result_files).run())
        await asyncio.wait_for(again.wait(), 5)
    assert not running.done()
    running.cancel()
    assert str(fault) in caplog.text


async def test_jams_are_forgotten_with_the_prompts(database: Database, result_files: ResultFiles) -> None:
    def over(c: Connection, channel_id: int, at: float) -> int:
        new = NewJam(
            guild_id=9,
            channel_id=channel_id,
            thread_id=None,
            category_id=None,
            application_id=3,
            started_by=1,
            locale="en",
            theme="the sea",
            style=None,
            paid_by="starter",
            ideas_each=2,
            ends_at=at,
        )
        jam = jams.insert_new(c, new, now=at)
        assert jam is not None
        round_rows.add_idea(c, jam, 1, "a red fox", now=at)
        jams.move(c, jam.id, jam.step, state="over", slot=None, ended_at=at)
        return jam.id

    old = await database.run(over, 20, NOW - 31 * DAY)
    fresh = await database.run(over, 21, NOW - 29 * DAY)
    await Janitor(database, result_files).round(now=NOW)
    assert [idea.said for idea in await database.run(round_rows.ideas_of, old)] == [""]
    assert [idea.said for idea in await database.run(round_rows.ideas_of, fresh)] == ["a red fox"]
