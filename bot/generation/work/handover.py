"""Rows that several processes share: each is worked on by the one whose number it bears, or by nobody.

In place of `recovery`, where the database is shared. The rows of a process that ended, or was silent, are
free (`bot.store.processes.release`); whoever looks first takes them, and goes on from where they are.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.generation.price import settle_what_was_open
from bot.generation.rows import generations, queries
from bot.generation.work.deliverer import DeliveryFailed
from bot.generation.work.recovery import BEGUN, SHOWN_WITHIN_SECONDS, SWEEP_SECONDS, TIDY_SECONDS, resume, take_up_again
from bot.generation.work.tasks import Tasks, survived
from bot.kinds import Kind
from bot.states import State
from bot.store import processes

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.generation.work.worker import Worker
    from bot.kit.bot import Share
    from bot.store.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
AT_ONCE = 500
"""Rows that are taken in one transaction: the other processes are to have some, too."""
PAUSE_SECONDS = 0.02
"""In between, for what else there is to do."""
YOUNG_SECONDS = 15.0
"""An order that stands is begun sooner than this by who placed it, if they live."""
POSTING_SECONDS = 30.0
"""A command may be posting its placeholder for so long."""
SHOWING_SECONDS = 30.0
"""What ended so long ago, and does not say so, was left by a process that is no more."""
OPEN_SECONDS = 3600.0
"""A question that is open for longer was asked in a process that is no more."""


class Handover:
    """`look_on` for as long as the process lives."""

    def __init__(
        self,
        database: Database,
        worker: Worker,
        tasks: Tasks,
        share: Share,
        process_id: int,
        *,
        posted: Callable[[], None],
    ) -> None:
        self._database = database
        self._worker = worker
        self._tasks = tasks
        self._share = share
        self._me = process_id
        self._posted = posted
        self._began = time.time()
        self._swept = self._tidied = -TIDY_SECONDS
        self.stopping = False

    async def take_over(self) -> None:
        """Nothing is this process's at the start but what all processes left that were here before."""
        await survived(self._worker.progress.pauses.load())
        await survived(self._settle_what_was_open())

    async def sweep(self) -> None:
        """`look_on` does it."""

    async def look_on(self) -> None:
        while True:
            if not self.stopping:
                await survived(self._look())
            await asyncio.sleep(LOOK_SECONDS)

    async def let_go(self) -> None:
        """Leave what is not ended to the others; its tasks are over."""
        await self._database.run(queries.leave_all, self._me)

    async def _look(self) -> None:
        died = False
        while not self.stopping:
            taken = await self._database.run(queries.take_free, process_id=self._me, states=BEGUN, limit=AT_ONCE)
            if taken:
                log.info("going on with %s generations of another process", len(taken))
            for row in taken:
                resume(self._tasks, self._worker, row)
            died |= bool(taken)
            if len(taken) < AT_ONCE:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        if died:
            await self._database.run(processes.forget_gone)
        now = time.time()
        stuck = await self._database.run(
            queries.stuck, posted_before=now - YOUNG_SECONDS, before=now - POSTING_SECONDS, limit=AT_ONCE
        )
        for row in stuck:
            if row.id not in self._tasks:
                self._tasks.spawn(row, self._begin(row))
        if died or time.monotonic() - self._swept > SWEEP_SECONDS:
            self._swept = time.monotonic()
            await self._sweep(now)

    async def _sweep(self, now: float) -> None:
        await take_up_again(self._database, self._tasks, self._worker, process_id=self._me)
        if not self._share.leads:
            return
        between = {"since": now - SHOWN_WITHIN_SECONDS, "before": now - SHOWING_SECONDS}
        for row in await self._database.run(queries.not_shown, **between):
            if row.id not in self._tasks:
                self._tasks.spawn(row, self._worker.progress.show_end(row))
        await self._settle_what_was_open()
        if time.monotonic() - self._tidied > TIDY_SECONDS:
            self._tidied = time.monotonic()
            await self._worker.result_files.tidy(unfinished=False)

    async def _settle_what_was_open(self) -> None:
        alone = await self._database.run(processes.is_alone, self._me)
        before = self._began if alone else time.time() - OPEN_SECONDS
        settled = await self._database.run(settle_what_was_open, before=before, now=time.time())
        if settled:
            log.info("settled %s reservations of processes that are no more", settled)

    async def _begin(self, row: Generation) -> None:
        """A queued row that nobody has begun; a video whose message stands waits for its turn."""
        if row.message_id is None:
            try:
                posted = await self._worker.adopt(row)
            except DeliveryFailed as error:
                log.warning("a generation's message can't be looked for now: %s", error, extra=row.logged)
                return
            self._posted()
            if posted is None:
                return
        if row.kind == Kind.IMAGE and await self._worker.posts.take(row.id) and not self.stopping:
            claimed = await self._database.run(
                generations.claim, row.id, states={State.QUEUED}, epoch=row.epoch, process_id=self._me
            )
            if claimed is not None:
                await self._worker.live(claimed)
