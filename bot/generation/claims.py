"""Who works on a row, and when: this process alone, which holds the database's lock (`Database.hold_alone`).

At the start the live rows of the process that was here before are taken over; afterwards a row is worked on by one
task of this process. The epoch fences all of it: a button that ends a row, or a process that takes it over, makes
every later write of the old task change nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from sqlalchemy import Connection

from bot.generation import admission, queries
from bot.generation import rows as generations
from bot.generation.endings import cancel, fetch_again, take_away, unplace
from bot.generation.price import settle_what_was_open
from bot.generation.records import Generation
from bot.generation.worker import DeliveryFailed, Worker
from bot.kinds import Kind
from bot.reasons import Reason
from bot.settings import VIDEOS_PER_PERSON, VIDEOS_PER_SERVER
from bot.settings import stored as settings
from bot.states import CANCELLABLE, KEPT, LIVE, OVERDUE, State
from bot.store.database import Database, StoreUnavailable

log = logging.getLogger(__name__)

SWEEP_SECONDS = 60.0
PLACE_SECONDS = 30.0
"""A place in line is shown anew at most this often: an edit happens when something changes, not to look busy."""
STOP_LOOK_SECONDS = 0.25
AGAIN_SECONDS = 2.0
"""After a round that failed."""
FAULTS_BEFORE_GIVING_UP = 3
TIDY_SECONDS = 86_400.0
SHOWN_WITHIN_SECONDS = 7 * 86_400.0
"""Cards of rows that ended longer ago are left as they are."""
LAST_WORDS_SECONDS = 8.0
"""How long an upload, or the edit that says that a row was cancelled, may still take when the row is taken away."""


def _admit(connection: Connection, *, paused: Collection[tuple[str, int]], now: float) -> list[Generation]:
    """One round of admissions by every server's own limits."""
    servers = settings.of_servers(connection, keys=("max_running_videos_per_person", "max_running_videos"))
    limits = {
        guild_id: (
            _number(values.get("max_running_videos_per_person"), VIDEOS_PER_PERSON),
            _number(values.get("max_running_videos"), VIDEOS_PER_SERVER),
        )
        for guild_id, values in servers.items()
    }
    return admission.admit(
        connection,
        person_limit=VIDEOS_PER_PERSON,
        guild_limit=VIDEOS_PER_SERVER,
        of_guild=limits,
        paused=paused,
        now=now,
    )


def _number(stored: object, default: int) -> int:
    return stored if isinstance(stored, int) else default


class Claims:
    """The tasks of this process, one a row. `run()` for as long as the process lives; then `stop()`."""

    def __init__(self, database: Database, worker: Worker) -> None:
        self._database = database
        self._worker = worker
        self.removing: list[Callable[[Connection, int], None]] = []
        """What features note, in its own transaction, of a row that is taken away."""
        self.going_on: list[Callable[[Connection, int], None]] = []
        """Likewise of one that is fetched once more."""
        self._pauses = worker.pauses
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._faults: dict[int, int] = {}
        self._places: dict[int, tuple[int | None, float]] = {}
        # When queued rows without a task were first seen, by the monotonic clock.
        self._seen: dict[int, float] = {}
        self._nudge = asyncio.Event()
        self._stopping = False
        self._began = time.time()
        self._taken_over = False
        self._tidied = -TIDY_SECONDS
        self._inherited = False

    async def run(self) -> None:
        """Take over what the last process left, then admit queued videos: at once when one ends, and each minute."""
        if not self._inherited:  # else what is under way here would be taken for the old process's
            self._inherited = True
            # First, since it takes every half-written file for one of the old process.
            await self._until_written(self._worker.result_files.tidy(unfinished=True))
            await self._until_written(self._pauses.load())
            await self._until_written(self._take_over())
            await self._until_written(self._settle_what_was_open())
        swept = time.monotonic()
        while True:
            admitted = await self._until_written(self._admit())
            if time.monotonic() - swept > SWEEP_SECONDS:
                swept = time.monotonic()
                await self._until_written(self._sweep())
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: on Python 3.11 it can swallow the cancellation that ends this loop.
                async with asyncio.timeout(PLACE_SECONDS if admitted else AGAIN_SECONDS):
                    await self._nudge.wait()
            self._nudge.clear()

    def start(self, row: Generation) -> None:
        """Its placeholder stands: begin. A picture begins at once; a video when it is admitted."""
        if self._stopping:
            return  # queued, and begun by the next process
        if row.kind == Kind.IMAGE:
            self._spawn(row, self._worker.live(row))
        else:
            self._nudge.set()

    async def cancel(self, generation_id: int, *, by: int, **through: Any) -> Generation | None:  # noqa: ANN401 - columns of the row
        """End a queued or running row for a person; None when it is too late. The card is shown anew.

        `through`: the token of the press, where it was on the card itself; the card's own may be over.
        """
        ended = await self._database.run(cancel, generation_id, from_states=CANCELLABLE, by=by, **through)
        if ended is None:
            return None
        if task := self._tasks.get(generation_id):
            task.cancel()
        self._spawn(ended, self._worker.show_end(ended))
        self._nudge.set()
        return ended

    async def deliver_again(self, generation_id: int, **through: Any) -> Generation | None:  # noqa: ANN401 - columns of the row
        """Fetch and deliver what was made and did not arrive; None where it is under way, or nothing is left of it.

        `through`: as for `cancel`.
        """
        again = await self._database.run(fetch_again, generation_id, from_states=KEPT, also=self.going_on, **through)
        if again is None or self._stopping:
            return again
        if task := self._tasks.get(generation_id):
            task.cancel()  # it may still be showing how it ended
        self._spawn(again, self._worker.live(again))
        return again

    async def finished(self, generation_id: int, *, seconds: float) -> None:
        """Wait until nobody works on a row here, for so long at most."""
        if task := self._tasks.get(generation_id):
            await asyncio.wait([task], timeout=seconds)

    async def remove(self, generation_id: int, *, by: int) -> list[Generation]:
        """Take a row's card, results and files away; a live row is cancelled first.

        Returns the rows whose messages are to be deleted: as it was, and as a delivery that was under way left it.
        None of them: there is no such row, or it was removed before.
        """
        row = await self._database.run(take_away, generation_id, by=by, also=self.removing)
        if row is None:
            return []
        await self._let_go(row)
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
        await self._let_go(row)
        ended = await self._database.run(cancel, row.id, from_states=LIVE, by=by)
        if ended is None:
            return  # it was delivered meanwhile
        await self._let_go(ended)
        self._spawn(ended, self._worker.show_end(ended))
        await asyncio.wait([self._tasks[row.id]], timeout=LAST_WORDS_SECONDS)
        await self._let_go(ended)

    async def _let_go(self, row: Generation) -> None:
        """End the task of a row. An upload may finish before: broken off, it could appear all the same."""
        task = self._tasks.get(row.id)
        if task is None:
            return
        if row.state == State.GENERATED and not self._pauses.held(row):
            await asyncio.wait([task], timeout=LAST_WORDS_SECONDS)
        task.cancel()
        await asyncio.wait([task], timeout=1)

    async def pauses_changed(self) -> None:
        """A moderator paused a place, or let it go on: what waits may begin, and the cards there say how it is."""
        held = self._pauses.held
        live = [(row, held(row)) for row in await self._database.run(queries.in_states, LIVE)]
        await self._pauses.load()
        self._nudge.set()
        for row, before in live:
            if held(row) != before and row.message_id is not None:
                fresh = await self._database.run(generations.get, row.id)
                if fresh is not None and fresh.state in LIVE:
                    await self._worker.show(fresh)

    async def stop(self, seconds: float) -> None:
        """Take no more work. What is being sent or uploaded may finish within `seconds`; polls go on after a start."""
        self._stopping = True
        deadline = time.monotonic() + seconds
        while True:
            # Those, too, whose request was answered meanwhile: from then on they only poll.
            for row in await self._database.run(queries.in_states, {State.RUNNING, State.GENERATED}):
                waits = row.state == State.RUNNING or self._pauses.held(row)
                if waits and (task := self._tasks.get(row.id)):
                    task.cancel()
            if not self._tasks or (left := deadline - time.monotonic()) <= 0:
                break
            await asyncio.wait(list(self._tasks.values()), timeout=min(left, STOP_LOOK_SECONDS))
        unfinished = list(self._tasks.values())
        for task in unfinished:
            task.cancel()
        if not unfinished:
            return
        await asyncio.wait(unfinished, timeout=1)
        submitting = await self._database.run(queries.in_states, {State.SUBMITTING})
        await asyncio.gather(
            *(asyncio.wait_for(self._worker.interrupt(row), 2) for row in submitting), return_exceptions=True
        )

    async def _take_over(self) -> None:
        """Every live row gets a new epoch, so the old process can write nothing more, and goes on from its state."""
        rows = await self._database.run(generations.claim_all, states=LIVE - {State.QUEUED})
        if rows:
            log.info("resuming %s generations", len(rows))
        for row in rows:
            self._resume(row)
        await self._take_over_queued()
        self._taken_over = True
        for row in await self._database.run(queries.not_shown, since=time.time() - SHOWN_WITHIN_SECONDS):
            self._spawn(row, self._worker.show_end(row))

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
                self._spawn(row, self._adopt(row))
            elif row.kind == Kind.IMAGE:
                self._spawn(row, self._worker.live(row))

    async def _adopt(self, row: Generation) -> None:
        try:
            posted = await self._worker.adopt(row)
        except DeliveryFailed as error:
            log.warning("a generation's message can't be looked for now: %s", error, extra=row.logged)
            return
        if posted is not None and posted.kind == Kind.IMAGE:
            await self._worker.live(posted)
        self._nudge.set()

    async def _sweep(self) -> None:
        """Take up again what stumbled: rows that should move and have no task here."""
        await self._take_over_queued()
        for id_ in await self._database.run(queries.ids_in_states, LIVE - {State.QUEUED}):
            if id_ not in self._tasks:
                claimed = await self._database.run(generations.claim, id_, states=LIVE - {State.QUEUED})
                if claimed is not None:
                    self._resume(claimed)
        if time.monotonic() - self._tidied > TIDY_SECONDS:
            self._tidied = time.monotonic()
            await self._worker.result_files.tidy(unfinished=False)

    def _resume(self, row: Generation) -> None:
        if row.state == State.SUBMITTING:
            self._spawn(row, self._worker.interrupt(row))
            return
        # The old process may have ended before its card said that it runs, and can be cancelled.
        unshown = row.state == State.RUNNING and row.shown_state not in {row.state, OVERDUE}
        self._spawn(row, self._worker.live(row, resumed=True, show_first=unshown))

    async def _admit(self) -> None:
        """Start the queued videos whose turn it is, and tell the others their place."""
        if self._stopping:
            return
        now = time.monotonic()
        if not await self._database.run(admission.has_queued):
            self._places.clear()
            return
        # A row that takes its place in line after this admission is the next one's: it does not wait yet.
        in_line = await self._database.run(admission.positions_in_line)
        admitted = await self._database.run(_admit, paused=self._pauses.paused, now=time.time())
        for row in admitted:
            # A card that was told to wait is told that it no longer does; the others say so from the start.
            waited = self._places.pop(row.id, None) is not None
            self._spawn(row, self._worker.live(row, show_first=waited))
        places = await self._database.run(admission.positions_in_line)
        self._places = {id_: shown for id_, shown in self._places.items() if id_ in places}
        for id_, (row, place) in places.items():
            shown, at = self._places.get(id_, (None, -PLACE_SECONDS))
            if id_ in in_line and place != shown and now - at >= PLACE_SECONDS - 1 and id_ not in self._tasks:
                self._places[id_] = (place, now)
                self._spawn(row, self._show(row))

    async def _show(self, row: Generation) -> None:
        if not await self._worker.show(row):
            self._places.pop(row.id, None)  # told again in the next round

    def _spawn(self, row: Generation, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(self._guard(row, work), name=f"generation-{row.id}")
        self._tasks[row.id] = task

        def done(task: asyncio.Task[None]) -> None:
            if self._tasks.get(row.id) is task:
                del self._tasks[row.id]
            if row.kind == Kind.VIDEO and row.state != State.QUEUED:
                self._nudge.set()

        task.add_done_callback(done)

    async def _guard(self, row: Generation, work: Coroutine[object, object, None]) -> None:
        """Nothing that goes wrong with one row touches another; what stumbled is taken up again by the sweep."""
        try:
            await work
        except StoreUnavailable as error:
            log.error("a generation waits for the database: %s", error, extra=row.logged)  # noqa: TRY400 - expected: no trace
        except Exception as error:
            log.exception("a generation stumbled", extra=row.logged)
            self._faults[row.id] = self._faults.get(row.id, 0) + 1
            await self._until_written(self._judge(row, error))
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

    async def _until_written(self, work: Coroutine[object, object, None]) -> bool:
        """The loop outlives a bad minute of the database. False: the round failed."""
        try:
            await work
        except Exception:
            log.exception("a round of the generations' scheduler failed; the next one comes")
            return False
        return True
