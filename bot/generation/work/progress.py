"""How far a row is: each step is written under the row's epoch, and then shown on its card.

A write that changes no row means that someone else has it: `Overtaken`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.generation import notices
from bot.generation.card_facts import CardFacts, read_facts
from bot.generation.files.result_files import Overtaken
from bot.generation.pace import Limits
from bot.generation.pauses import Pauses
from bot.generation.price import forgive_order, settle, settle_by_length
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import Generation, NewResult
from bot.generation.work.deliverer import Deliverer
from bot.reasons import NOTHING_SPENT, Reason
from bot.states import OVERDUE, State
from bot.store.database import Database
from bot.store.writes import backoff, until_committed

log = logging.getLogger(__name__)


async def _nobody(row: Generation) -> None:
    del row


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    database: Database
    deliverer: Deliverer
    limits: Limits
    pauses: Pauses
    tell: Callable[[Generation], Awaitable[None]] = _nobody
    """Told of each row that has ended, once its card says so: its person may wait for it."""

    async def facts(
        self, row: Generation, *, overdue: bool = False, retry_at: float | None = None, in_line: bool = True
    ) -> CardFacts:
        """What the card of `row` shows now. `in_line`: its place is told, if it waits for one."""
        held = self.pauses.held(row)
        return await until_committed(
            self.database, read_facts, row, overdue=overdue, retry_at=retry_at, held=held, in_line=in_line
        )

    async def show(self, row: Generation, *, overdue: bool = False) -> bool:
        """Bring the card up to date and note that it is."""
        if in_part(row):
            return True  # what has arrived stays to be seen while the rest is fetched again
        if not await self.deliverer.show(await self.facts(row, overdue=overdue)):
            return False
        await until_committed(self.database, generations.shown, row.id, state=OVERDUE if overdue else row.state)
        return True

    async def show_waiting(self, row: Generation, seconds: float) -> None:
        """The service is busy: the card says when the next try is, and is set right when it begins."""
        await self.deliverer.show(await self.facts(row, retry_at=time.time() + seconds if seconds else None))

    async def show_end(self, row: Generation) -> None:
        """Show how it ended, with some patience; what is still not shown then is shown after the next start."""
        for attempt in range(self.limits.tries_to_show):
            if await self.show(row):
                return
            await asyncio.sleep(backoff(attempt, ceiling=60))

    async def change(self, row: Generation, **values: Any) -> Generation:  # noqa: ANN401 - columns of the row
        return await self.write(lambda connection: generations.change(connection, row.id, row.epoch, **values))

    async def generated(
        self,
        row: Generation,
        results: list[NewResult],
        *,
        age: float,
        calls: Sequence[str] = (),
        actual: int | None = None,
    ) -> Generation:
        """`age`: seconds since it was submitted. `calls`, `actual`: as of `price.settle`."""
        if not results:
            return await self.end(row, State.FAILED, Reason.BAD_ANSWER, calls=calls)

        def write(connection: Connection) -> Generation | None:
            if not result_rows.put(connection, row.id, row.epoch, results):
                return None
            at = (row.submitted_at or row.created_at) + age
            made = generations.change(connection, row.id, row.epoch, state=State.GENERATED, generated_at=at)
            if made is not None:
                at = time.time()
                settle(connection, made, now=at, arrived=len(results), calls=calls, actual=actual)
            return made

        return await self.write(write)

    async def delivered(self, row: Generation, state: State) -> Generation:
        def write(connection: Connection) -> Generation | None:
            now = time.time()
            ended = generations.change(connection, row.id, row.epoch, state=state, ended_at=now)
            if ended is not None:
                settle_by_length(connection, ended, now=now)
            return notices.put_if_due(connection, row, ended, now=now)

        ended = await self.write(write)
        await until_committed(self.database, generations.shown, row.id, state=ended.state)
        await self.tell(ended)
        return ended

    async def end(
        self, row: Generation, state: State, reason: Reason, detail: str = "", *, calls: Sequence[str] = ()
    ) -> Generation:
        """It ended without a result: settle it, and show why."""

        def write(connection: Connection) -> Generation | None:
            ended = generations.change(
                connection,
                row.id,
                row.epoch,
                state=state,
                reason=reason,
                detail=detail[:2000] or None,
                ended_at=time.time(),
            )
            if ended is not None:
                # The day before the accounts, as an order takes them: on PostgreSQL they would wait for each other.
                if reason in NOTHING_SPENT:
                    ended = forgive_order(connection, ended)
                ended = settle(connection, ended, now=time.time(), calls=calls)
            return notices.put_if_due(connection, row, ended, now=time.time())

        ended = await self.write(write)
        await self.show_end(ended)
        await self.tell(ended)
        return ended

    async def write(self, step: Callable[[Connection], Generation | None]) -> Generation:
        """The row as `step` wrote it; it is in the log as the next one of its life. Overtaken: `step` changed none."""
        row = await until_committed(self.database, step)
        if row is None:
            raise Overtaken
        taken = None if row.submitted_at is None else int((time.time() - row.submitted_at) * 1000)
        fields = {"event": "state", "task": row.task_id, "milliseconds": taken}
        log.info("a generation goes on", extra=row.logged | fields)
        return row


def in_part(row: Generation) -> bool:
    """Whether its card shows some of its results, and the others are fetched again."""
    return row.state == State.GENERATED and row.shown_state == State.DELIVERED


def aging(row: Generation) -> Callable[[], float]:
    """Tells for how many seconds a row has been submitted. What passes here passes by a clock that nobody sets."""
    before = max(0.0, time.time() - (row.submitted_at or row.created_at))
    began = time.monotonic()
    return lambda: before + time.monotonic() - began
