"""Rows that are ended from outside while their task works on them: nothing is left, and nothing comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import create_autospec

import pytest

from bot.generation.files.fetching import ResultFetcher
from bot.generation.files.result_files import ResultFiles
from bot.generation.pace import Limits
from bot.generation.pauses import Pauses
from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.generation.work import tasks
from bot.generation.work.claims import Claims
from bot.generation.work.progress import Progress
from bot.generation.work.worker import Worker
from bot.orders import daily_rows as daily
from bot.states import State
from tests.unit.ordering import insert

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database

PERSON = 1
SENT: dict[str, Any] = {"state": "submitting", "submitted_at": 1.0}
GENERATED: dict[str, Any] = {"state": "generated", "submitted_at": 1.0, "generated_at": 2.0}


def ordered(c: Connection, **values: Any) -> Generation:
    """An order in the given state, its day's share taken."""
    row = insert(c, kind="image", person_id=PERSON, guild_id=None, channel_id=2, context="bot_dm", now=10.0)
    daily.take(c, person_id=PERSON, kind="imagine", day=0, limit=9)
    changed = generations.change(c, row.id, row.epoch, **values) if values else row
    assert changed is not None
    return changed


class Scheduler:
    """Claims over a real database, with a worker whose work the test decides."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.result_files = ResultFiles(
            database=database,
            fetcher=create_autospec(ResultFetcher, instance=True),
            api_base_url="https://x",
            data_dir=folder,
            limits=Limits(),
        )
        self.shown: list[int] = []
        self.worker = create_autospec(Worker, instance=True)
        self.worker.result_files = self.result_files
        self.worker.progress = create_autospec(Progress, instance=True)
        self.worker.progress.pauses = Pauses(database)
        self.worker.progress.show_end.side_effect = self._show_end
        self.worker.live.side_effect = self._live
        self.works: dict[int, Awaitable[None]] = {}
        self.claims = Claims(database, self.worker)

    def begin(self, row: Generation, work: Awaitable[None]) -> None:
        """Let `work` be what is done for the row."""
        self.works[row.id] = work
        self.claims.start(row)

    async def _live(self, row: Generation) -> None:
        await self.works[row.id]

    async def _show_end(self, row: Generation) -> None:
        self.shown.append(row.id)

    async def get(self, row: Generation) -> Generation:
        found = await self.database.run(generations.get, row.id)
        assert found is not None
        return found

    async def used(self) -> int:
        return await self.database.run(daily.used, person_id=PERSON, kind="imagine", day=0)


@pytest.fixture
async def scheduler(database: Database, tmp_path: Path) -> AsyncIterator[Scheduler]:
    made = Scheduler(database, tmp_path)
    yield made
    await made.claims.stop(0)


async def test_what_works_on_a_removed_row_is_ended(scheduler: Scheduler):
    row = await scheduler.database.run(ordered, **SENT)
    ended = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    scheduler.begin(row, hang())
    await asyncio.sleep(0)
    assert await scheduler.claims.remove(row.id, by=7) == [row]
    assert ended.is_set()
    removed = await scheduler.get(row)
    assert (removed.state, removed.removed_by, removed.message_id) == (State.CANCELLED, 7, None)
    assert await scheduler.used() == 1, "it was sent: its share stays used"
    assert await scheduler.claims.remove(row.id, by=8) == []
    assert await scheduler.claims.remove(999, by=8) == []


async def test_a_delivery_that_posts_once_more_is_told_of(scheduler: Scheduler):
    row = await scheduler.database.run(ordered, **GENERATED)
    removed = asyncio.Event()

    async def deliver() -> None:
        # Its message was gone, so it posts a new one, and notes it whoever has the row.
        while (await scheduler.get(row)).removed_at is None:  # noqa: ASYNC110 - only the row tells
            await asyncio.sleep(0)
        await scheduler.database.run(generations.store_message, row.id, message_id=31, channel_id=2)
        removed.set()

    scheduler.begin(row, deliver())
    first, second = await scheduler.claims.remove(row.id, by=7)
    assert removed.is_set()
    assert (first.message_id, second.message_id) == (30, 31)
    assert (await scheduler.get(row)).message_id is None


async def test_an_upload_that_hangs_is_not_waited_for_for_ever(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "LAST_WORDS_SECONDS", 0.05)
    row = await scheduler.database.run(ordered, **GENERATED)
    scheduler.begin(row, asyncio.sleep(60))
    assert await scheduler.claims.remove(row.id, by=7) == [row]


async def test_what_was_not_sent_gives_its_share_back(scheduler: Scheduler):
    row = await scheduler.database.run(ordered)
    assert await scheduler.used() == 1
    await scheduler.claims.remove(row.id, by=7)
    assert await scheduler.used() == 0


async def test_its_files_go(scheduler: Scheduler, tmp_path: Path):
    row = await scheduler.database.run(ordered, state="dropped", ended_at=3.0)
    file = tmp_path / "results" / str(row.id) / "0.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"clip")
    await scheduler.claims.remove(row.id, by=7)
    assert not file.parent.exists()
    assert (await scheduler.get(row)).state == State.DROPPED


async def test_all_of_a_person_ends_and_is_shown(scheduler: Scheduler):
    queued = await scheduler.database.run(ordered)
    sent = await scheduler.database.run(ordered, **SENT)
    delivering = await scheduler.database.run(ordered, **GENERATED)
    done = await scheduler.database.run(ordered, state="failed", ended_at=3.0)

    async def deliver() -> None:
        done: dict[str, Any] = {"state": "delivered", "ended_at": 4.0}
        assert await scheduler.database.run(generations.change, delivering.id, delivering.epoch, **done) is not None

    scheduler.begin(sent, asyncio.sleep(60))
    scheduler.begin(delivering, deliver())
    await scheduler.claims.end_all_of(PERSON)
    assert [(await scheduler.get(row)).state for row in (queued, sent, delivering, done)] == [
        State.CANCELLED,
        State.CANCELLED,
        State.DELIVERED,
        State.FAILED,
    ]
    assert sorted(scheduler.shown) == [queued.id, sent.id]
    assert await scheduler.used() == 3


async def test_a_card_that_can_t_be_shown_keeps_nobody_waiting(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "LAST_WORDS_SECONDS", 0.05)

    async def never(_row: Generation) -> None:
        await asyncio.Event().wait()

    scheduler.worker.progress.show_end.side_effect = never
    row = await scheduler.database.run(ordered, **SENT)
    await asyncio.wait_for(scheduler.claims.end_all_of(PERSON), 5)
    assert (await scheduler.get(row)).state == State.CANCELLED
