"""Who works on a row, and when: this process alone, which holds the database's lock (`Database.hold_alone`), or one of
several that share it (`handover`).

At the start the live rows of the process that was here before are taken over (`recovery`); afterwards a row is worked
on by one task of this process (`tasks`), a video when it is its turn (`video_queue`). The epoch fences all of it: a
button that ends a row, or a process that takes it over, makes every later write of the old task change nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.background import happens, keep_going
from bot.generation.endings import cancel, fetch_again, take_away, unplace
from bot.generation.rows import generations, queries
from bot.generation.rows.records import Generation
from bot.generation.work import video_queue
from bot.generation.work.handover import Handover
from bot.generation.work.recovery import Recovery
from bot.generation.work.tasks import Tasks, survived
from bot.generation.work.worker import Worker
from bot.kinds import Kind
from bot.kit.bot import Share
from bot.states import CANCELLABLE, KEPT, LIVE, State
from bot.store.database import Database, StoreUnavailable, carry
from bot.store.signals import Signals
from bot.store.writes import until_committed

log = logging.getLogger(__name__)

STOP_LOOK_SECONDS = 0.25
AGAIN_SECONDS = 2.0
"""After a round that failed."""


class Claims:
    """What begins, ends and removes rows here. `run()` for as long as the process lives; then `stop()`."""

    def __init__(self, database: Database, worker: Worker, share: Share | None = None) -> None:
        share = share or Share()
        self._signals = Signals(database)
        self._heard: set[asyncio.Task[object]] = set()
        self._database = database
        self._worker = worker
        self.removing: list[Callable[[Connection, int], None]] = []
        """What features note, in its own transaction, of a row that is taken away."""
        self.going_on: list[Callable[[Connection, int], None]] = []
        """Likewise of one that is fetched once more."""
        self._pauses = worker.progress.pauses
        self._nudge = asyncio.Event()
        worker.posts.freed = self._nudge.set
        self._tasks = Tasks(database, worker, freed=self._nudge.set)
        self._queue = video_queue.VideoQueue(database, worker, self._tasks, share)
        self._recovery: Recovery | Handover
        if database.process_id is None:
            self._recovery = Recovery(database, worker, self._tasks, posted=self._nudge.set)
        else:
            posted = self._nudge.set
            self._recovery = Handover(database, worker, self._tasks, share, database.process_id, posted=posted)
        self._stopping = False
        self.moved_at: float | None = None
        """When the last round of `run` ended, by the monotonic clock: one comes each half minute."""
        self._inherited = False
        self._bringing: asyncio.Task[None] | None = None

    def listen(self, signals: Signals) -> None:
        """Hear of what other processes do with rows that are worked on here, and tell them."""
        self._signals = signals
        signals.on("row", lambda id_: self._hear(self._tasks.changed_elsewhere(int(id_))))
        signals.on("pauses", lambda _: self._hear(self._pauses.load()))
        signals.on("videos", lambda _: self._nudge.set())

    def _hear(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(survived(work))
        self._heard.add(task)
        task.add_done_callback(self._heard.discard)
        task.add_done_callback(lambda _: self._nudge.set())

    async def run(self) -> None:
        """Take over what the last process left, then admit queued videos: at once when one ends, and each minute."""
        if not self._inherited:  # else what is under way here would be taken for the old process's
            self._inherited = True
            await self._recovery.take_over()
        looking = asyncio.create_task(self._recovery.look_on())
        self._bringing = asyncio.create_task(
            keep_going(
                partial(self._database.bring, self._brought, self._worker.posts.have_room), expected=(StoreUnavailable,)
            )
        )
        try:
            while True:
                admitted = self._stopping or await survived(self._advance())
                await survived(self._recovery.sweep())
                self.moved_at = time.monotonic()
                await happens(self._nudge, within=video_queue.PLACE_SECONDS if admitted else AGAIN_SECONDS)
                self._nudge.clear()
        finally:
            looking.cancel()
            self._bringing.cancel()

    async def _advance(self) -> None:
        """Begin the videos whose turn it is; what there is no room for here, others begin."""
        if await self._queue.advance():
            await self._signals.send("videos")

    def start(self, row: Generation, *, carried: bool = False) -> None:
        """Its placeholder stands: begin. A picture begins at once; a video when it is admitted.

        Of several processes one is brought it. `carried`: by the transaction that stored where it stands.
        """
        log.info(
            "ordered", extra=row.logged | {"event": "ordered", "message_id": row.message_id, "again": row.parent_id}
        )
        if self._stopping:
            return  # queued, and begun by the next process
        if self._database.process_id is not None:
            if not carried:
                self._hear(self._database.run(carry, row.id))
        elif row.kind == Kind.IMAGE:
            self._tasks.spawn(row, self._worker.live(row))
        else:
            self._nudge.set()

    async def _brought(self, generation_id: int) -> None:
        """A row whose placeholder stands came to this process, of several."""
        posts = self._worker.posts
        if not await posts.take(generation_id):
            return
        try:
            await self._begin(generation_id)
        finally:
            if generation_id not in self._tasks:
                posts.leave(generation_id)

    async def _begin(self, generation_id: int) -> None:
        row = await self._database.run(generations.get, generation_id)
        if row is None or row.state != State.QUEUED or self._stopping:
            return  # where this one begins nothing more, another finds the row a little later
        if row.kind != Kind.IMAGE:
            self._nudge.set()
            return
        me, states = self._database.process_id, {State.QUEUED}
        claimed = await self._database.run(generations.claim, row.id, states=states, epoch=row.epoch, process_id=me)
        if claimed is not None:
            self._tasks.spawn(claimed, self._worker.live(claimed))

    async def cancel(self, generation_id: int, *, by: int, **through: Any) -> Generation | None:  # noqa: ANN401 - columns of the row
        """End a queued or running row for a person; None when it is too late. The card is shown anew.

        `through`: the token of the press, where it was on the card itself; the card's own may be over.
        """
        ended = await self._database.run(cancel, generation_id, from_states=CANCELLABLE, by=by, **through)
        if ended is None:
            return None
        self._tasks.cancel(generation_id)
        await self._signals.send("row", str(generation_id))
        self._tasks.spawn(ended, self._worker.progress.show_end(ended))
        self._nudge.set()
        return ended

    async def deliver_again(self, generation_id: int, **through: Any) -> Generation | None:  # noqa: ANN401 - columns of the row
        """Fetch and deliver what was made and did not arrive; None where it is under way, or nothing is left of it.

        `through`: as for `cancel`.
        """
        through |= {"process_id": self._database.process_id}
        again = await self._database.run(fetch_again, generation_id, from_states=KEPT, also=self.going_on, **through)
        if again is None or self._stopping:
            return again
        self._tasks.cancel(generation_id)  # it may still be showing how it ended
        self._tasks.spawn(again, self._worker.live(again))
        return again

    async def finished(self, generation_id: int, *, seconds: float) -> None:
        """Wait until nobody works on a row here, for so long at most."""
        await self._tasks.finished(generation_id, seconds=seconds)

    async def remove(self, generation_id: int, *, by: int) -> list[Generation]:
        """Take a row's card, results and files away; a live row is cancelled first.

        Returns the rows whose messages are to be deleted: as it was, and as a delivery that was under way left it.
        None of them: there is no such row, or it was removed before.
        """
        row = await self._database.run(take_away, generation_id, by=by, also=self.removing)
        if row is None:
            return []
        await self._signals.send("row", str(row.id))
        await self._tasks.let_go(row)
        await self._worker.result_files.forget_all([row.id])
        self._nudge.set()
        left = await self._database.run(unplace, row.id)
        return [row] if left is None else [row, left]

    async def end_all_of(self, person_id: int) -> None:
        """End what a person has under way, the request that is being sent included, and show it on the cards."""
        rows = await self._database.run(queries.live_of, person_id)
        await asyncio.gather(*(self._end(row, by=person_id) for row in rows))
        self._nudge.set()

    async def _end(self, row: Generation, *, by: int) -> None:
        await self._tasks.let_go(row)
        ended = await self._database.run(cancel, row.id, from_states=LIVE, by=by)
        if ended is None:
            return  # it was delivered meanwhile
        await self._signals.send("row", str(row.id))
        await self._tasks.let_go(ended)
        self._tasks.spawn(ended, self._worker.progress.show_end(ended))
        await self._tasks.finished(row.id)
        await self._tasks.let_go(ended)

    async def pauses_changed(self) -> None:
        """A moderator paused a place, or let it go on: what waits may begin, and the cards there say how it is."""
        await self._held_anew(self._pauses.load)

    async def channel_moved(self, channel_id: int, category_id: int | None) -> None:
        """A channel is in another category, or in none: what was ordered there follows that one's settings."""

        async def move() -> None:
            await until_committed(self._database, generations.moved, channel_id, category_id)

        await self._held_anew(move)

    async def _held_anew(self, change: Callable[[], Awaitable[object]]) -> None:
        held = self._pauses.held
        before = {row.id: held(row) for row in await self._database.run(queries.in_states, LIVE)}
        await change()
        await self._signals.send("pauses")
        self._nudge.set()
        for row in await self._database.run(queries.in_states, LIVE):
            if row.id in before and held(row) != before[row.id] and row.message_id is not None:
                fresh = await self._database.run(generations.get, row.id)
                if fresh is not None and fresh.state in LIVE:
                    await self._worker.progress.show(fresh)

    async def stop(self, seconds: float) -> None:
        """Take no more work. What is being sent or uploaded may finish within `seconds`; polls go on after a start."""
        self._stopping = self._recovery.stopping = True
        if self._bringing is not None:
            self._bringing.cancel()
        deadline, me = time.monotonic() + seconds, self._database.process_id
        while True:
            # Those, too, whose request was answered meanwhile: from then on they only poll.
            for row in await self._database.run(queries.in_states, {State.RUNNING, State.GENERATED}, process_id=me):
                if row.state == State.RUNNING or self._pauses.held(row):
                    self._tasks.cancel(row.id)
            if not self._tasks.all or (left := deadline - time.monotonic()) <= 0:
                break
            await asyncio.wait(self._tasks.all, timeout=min(left, STOP_LOOK_SECONDS))
        unfinished = self._tasks.all
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished, timeout=1)
            submitting = await self._database.run(queries.in_states, {State.SUBMITTING}, process_id=me)
            await asyncio.gather(
                *(asyncio.wait_for(self._worker.interrupt(row), 2) for row in submitting), return_exceptions=True
            )
        await self._recovery.let_go()
