"""The tasks of this process, one a row. Nothing that goes wrong with one row touches another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.generation.work.worker import Worker
from bot.kinds import Kind
from bot.reasons import Reason
from bot.states import LIVE, State
from bot.store.database import Database, StoreUnavailable
from bot.store.failures import LeaseLost

log = logging.getLogger(__name__)

FAULTS_BEFORE_GIVING_UP = 3
LAST_WORDS_SECONDS = 8.0
"""How long an upload, or the edit that says that a row was cancelled, may still take when the row is taken away."""


class Tasks:
    def __init__(self, database: Database, worker: Worker, *, freed: Callable[[], None]) -> None:
        """`freed` is called when a video's task has ended: another may begin."""
        self._database = database
        self._worker = worker
        self._freed = freed
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._faults: dict[int, int] = {}
        self._epochs: dict[int, int] = {}

    def __contains__(self, generation_id: int) -> bool:
        return generation_id in self._tasks

    @property
    def all(self) -> list[asyncio.Task[None]]:
        return list(self._tasks.values())

    def spawn(self, row: Generation, work: Coroutine[object, object, None]) -> None:
        """Do `work` as the task of `row`; what stumbles is taken up again by the next sweep."""
        task = asyncio.create_task(self._guard(row, work), name=f"generation-{row.id}")
        self._tasks[row.id], self._epochs[row.id] = task, row.epoch

        def done(task: asyncio.Task[None]) -> None:
            if self._tasks.get(row.id) is task:
                del self._tasks[row.id], self._epochs[row.id]
                self._worker.posts.leave(row.id)
            if row.kind == Kind.VIDEO and row.state != State.QUEUED:
                self._freed()

        task.add_done_callback(done)

    async def changed_elsewhere(self, generation_id: int) -> None:
        """Another process ended a row, or took it away: nobody is to work on it here, nor to begin something new."""
        if generation_id in self._tasks:
            row = await self._database.run(generations.get, generation_id)
            if row is None or row.epoch != self._epochs.get(generation_id):
                self.cancel(generation_id)

    def cancel(self, generation_id: int) -> None:
        if task := self._tasks.get(generation_id):
            task.cancel()

    async def finished(self, generation_id: int, *, seconds: float | None = None) -> None:
        """Wait until nobody works on a row here, for so long at most (None: for its last words)."""
        if task := self._tasks.get(generation_id):
            await asyncio.wait([task], timeout=LAST_WORDS_SECONDS if seconds is None else seconds)

    async def let_go(self, row: Generation) -> None:
        """End the task of a row. An upload may finish before: broken off, it could appear all the same."""
        task = self._tasks.get(row.id)
        if task is None:
            return
        if row.state == State.GENERATED and not self._worker.progress.pauses.held(row):
            await asyncio.wait([task], timeout=LAST_WORDS_SECONDS)
        task.cancel()
        await asyncio.wait([task], timeout=1)

    async def _guard(self, row: Generation, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except StoreUnavailable as error:
            log.error("a generation waits for the database: %s", error, extra=row.logged)  # noqa: TRY400 - expected: no trace
        except Exception as error:
            log.exception("a generation stumbled", extra=row.logged)
            self._faults[row.id] = self._faults.get(row.id, 0) + 1
            await survived(self._judge(row, error))
        else:
            self._faults.pop(row.id, None)

    async def _judge(self, row: Generation, error: Exception) -> None:
        fresh = await self._database.run(generations.get, row.id)
        hopeless = self._faults[row.id] >= FAULTS_BEFORE_GIVING_UP
        if fresh is None:
            return
        if fresh.state == State.SUBMITTING:
            await self._worker.interrupt(fresh, reason=Reason.UNCERTAIN)
        elif fresh.state in LIVE and hopeless:
            await self._worker.give_up(fresh, error)


async def survived(work: Coroutine[object, object, None]) -> bool:
    """Do `work`, and outlive a bad minute of the database. False: it failed."""
    try:
        await work
    except LeaseLost:
        return False
    except StoreUnavailable as error:
        log.warning("a round of the generations' scheduler failed; the next one comes: %s", error)
        return False
    except Exception:
        log.exception("a round of the generations' scheduler failed; the next one comes")
        return False
    return True
