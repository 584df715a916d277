"""What the last process left is taken over at the start, and what stumbled since is taken up again by each sweep."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bot.generation.price import settle_what_was_open
from bot.generation.rows import generations, queries
from bot.generation.rows.records import Generation
from bot.generation.work.deliverer import DeliveryFailed
from bot.generation.work.tasks import Tasks, survived
from bot.generation.work.worker import Worker
from bot.kinds import Kind
from bot.states import LIVE, OVERDUE, State
from bot.store.database import Database

log = logging.getLogger(__name__)

BEGUN = LIVE - {State.QUEUED}
"""States of rows that somebody works on."""
SWEEP_SECONDS = 60.0
TIDY_SECONDS = 86_400.0
SHOWN_WITHIN_SECONDS = 7 * 86_400.0
"""Cards of rows that ended longer ago are left as they are."""


class Recovery:
    def __init__(self, database: Database, worker: Worker, tasks: Tasks, *, posted: Callable[[], None]) -> None:
        """`posted` is called when a row's message was found: it waits for its turn."""
        self._database = database
        self._worker = worker
        self._tasks = tasks
        self._posted = posted
        # When queued rows without a task were first seen, by the monotonic clock.
        self._seen: dict[int, float] = {}
        self._began = time.time()
        self._swept = time.monotonic()
        self._tidied = -TIDY_SECONDS
        self._taken_over = False
        self.stopping = False

    async def take_over(self) -> None:
        """Once, at the start: every live row gets into this process's hands, and nothing of the old one stays open."""
        # First, since it takes every half-written file for one of the old process.
        await survived(self._worker.result_files.tidy(unfinished=True))
        await survived(self._worker.progress.pauses.load())
        await survived(self._take_over())
        await survived(self._settle_what_was_open())

    async def sweep(self) -> None:
        """At most each SWEEP_SECONDS: take up again what stumbled, rows that should move and have no task here."""
        if time.monotonic() - self._swept <= SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        await self._take_over_queued()
        await take_up_again(self._database, self._tasks, self._worker)
        if time.monotonic() - self._tidied > TIDY_SECONDS:
            self._tidied = time.monotonic()
            await self._worker.result_files.tidy(unfinished=False)

    async def _take_over(self) -> None:
        """Every live row gets a new epoch, so the old process can write nothing more, and goes on from its state."""
        rows = await self._database.run(generations.claim_all, states=BEGUN)
        if rows:
            log.info("resuming %s generations", len(rows))
        for row in rows:
            resume(self._tasks, self._worker, row)
        await self._take_over_queued()
        self._taken_over = True
        for row in await self._database.run(queries.not_shown, since=time.time() - SHOWN_WITHIN_SECONDS):
            self._tasks.spawn(row, self._worker.progress.show_end(row))

    async def _settle_what_was_open(self) -> None:
        settled = await self._database.run(settle_what_was_open, before=self._began, now=time.time())
        if settled:
            log.info("settled %s reservations of the last process", settled)

    async def _take_over_queued(self) -> None:
        """Queued pictures begin; rows whose message is not known to stand look for it. Queued videos are admitted."""
        rows = await self._database.run(queries.in_states, {State.QUEUED})
        now = time.monotonic()
        self._seen = {row.id: self._seen.get(row.id, now) for row in rows}
        for row in rows:
            # Its own command may still be posting the placeholder: not so of what this process found at its start.
            young = row.created_at >= self._began or self._taken_over
            if (young and now - self._seen[row.id] < SWEEP_SECONDS) or row.id in self._tasks:
                continue
            if row.message_id is None:
                self._tasks.spawn(row, self._adopt(row))
            elif row.kind == Kind.IMAGE:
                self._tasks.spawn(row, self._worker.live(row))

    async def _adopt(self, row: Generation) -> None:
        try:
            posted = await self._worker.adopt(row)
        except DeliveryFailed as error:
            log.warning("a generation's message can't be looked for now: %s", error, extra=row.logged)
            return
        if posted is not None and posted.kind == Kind.IMAGE:
            await self._worker.live(posted)
        self._posted()

    async def look_on(self) -> None:
        """This process is alone: there is nobody else whose work it could take."""

    async def let_go(self) -> None:
        """The next process takes all there is."""


async def take_up_again(database: Database, tasks: Tasks, worker: Worker, *, process_id: int | None = None) -> None:
    """Go on with rows that have begun and have no task here. `process_id`: with this one's, of several processes."""
    for id_ in await database.run(queries.ids_in_states, BEGUN, process_id=process_id):
        if id_ not in tasks:
            claimed = await database.run(generations.claim, id_, states=BEGUN, process_id=process_id)
            if claimed is not None:
                resume(tasks, worker, claimed)


def resume(tasks: Tasks, worker: Worker, row: Generation) -> None:
    """Go on with a row of another process, which is in this one's hands now."""
    if row.state == State.SUBMITTING:
        tasks.spawn(row, worker.interrupt(row))
        return
    # The old process may have ended before its card said that it runs, and can be cancelled.
    unshown = row.state == State.RUNNING and row.shown_state not in {row.state, OVERDUE}
    tasks.spawn(row, worker.live(row, resumed=True, show_first=unshown))
