"""The life of one generation: submit, poll, fetch, hand over to a Deliverer.

Every step is written to the row before the next begins, under the row's epoch: whoever finds the row after a crash
goes on from its state. A write that changes no row means that someone else has it (`Overtaken`): stop silently.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.api.client import OneKeyClient
from bot.api.permits import Permit
from bot.errors import ApiError, OverBudget, RateLimited, ResultError, TaskNotFound
from bot.generation import result_rows
from bot.generation import rows as generations
from bot.generation.card_facts import LINKED, CardFacts, read_facts
from bot.generation.orders import withdraw
from bot.generation.pace import Limits, Pacer
from bot.generation.pauses import Pauses
from bot.generation.price import forgive_order, settle
from bot.generation.records import Generation, NewResult, Result, not_shown
from bot.generation.requests import edit_request, image_request, made_from, seconds_of, video_request
from bot.generation.result_files import Fetched, Overtaken, ResultFiles
from bot.generation.screening import NotHeld, Screen
from bot.kinds import Kind
from bot.orders import cost_rows
from bot.orders.money import Money
from bot.reasons import NOTHING_SPENT, Reason, of_error
from bot.states import KEPT, OVERDUE, State
from bot.store.database import Database
from bot.store.writes import backoff, until_committed

log = logging.getLogger(__name__)


class DeliveryFailed(Exception):
    """The results could not be shown this time; trying again later may help. Nothing is lost."""


class Deliverer(Protocol):
    """Where cards are shown. Both calls may be repeated: they edit the one message of the row."""

    async def find(self, row: Generation) -> int | None:
        """The id of the row's message, asked for by its token; None: there is none. DeliveryFailed: not known now."""
        ...

    async def show(self, facts: CardFacts) -> bool:
        """Show the card. False: it did not work this time, and may later."""
        ...

    async def deliver(self, facts: CardFacts) -> State:
        """Show the results. DELIVERED, or DROPPED when there is nowhere left. DeliveryFailed: try again later."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Works on rows, one `live` call a row; `bot.generation.claims` decides which and when."""

    database: Database
    client: OneKeyClient
    result_files: ResultFiles
    deliverer: Deliverer
    limits: Limits
    pacer: Pacer
    posts: asyncio.Semaphore
    pauses: Pauses
    screen: Screen
    money: Money

    async def live(self, row: Generation, *, resumed: bool = False, show_first: bool = False) -> None:
        """Take `row` from the state it is in to its end.

        `resumed`: its process died, so first polls are spread out. `show_first`: its card still says something else.
        """
        # A running one's card is seen to beside its polls.
        showing = asyncio.ensure_future(self.show(row)) if show_first and row.state != State.RUNNING else None
        try:
            inputs: Sequence[Result] = ()
            if row.state in {State.QUEUED, State.SUBMITTING}:
                row, inputs = await self._prepared(row)
            if row.state == State.QUEUED:
                row = await self._change(row, state=State.SUBMITTING, submitted_at=time.time())
            if row.state == State.SUBMITTING:
                row = await self._send(row, inputs)
            if row.state == State.RUNNING:
                row = await self._watch(row, resumed=resumed)
            if row.state == State.GENERATED:
                await self._deliver(row)
        except Overtaken:
            log.info("a generation is in other hands", extra=row.logged)
        finally:
            if showing is not None:
                await asyncio.wait([showing])

    async def _prepared(self, row: Generation) -> tuple[Generation, Sequence[Result]]:
        """With the pictures that go along, while its prompt is checked; where it can't be sent it has ended."""
        inputs: Sequence[Result] = ()
        flagged = asyncio.create_task(self.screen.flags(row))
        try:
            if made_from(row) is not None:
                inputs = await self.result_files.fetch_inputs(row)
            if await flagged:
                row = await self._end(row, State.FAILED, Reason.MODERATED)
        except ResultError as error:
            row = await self._end(row, *of_error(error))
        finally:
            flagged.cancel()
        return row, inputs

    async def facts(
        self, row: Generation, *, overdue: bool = False, retry_at: float | None = None, in_line: bool = True
    ) -> CardFacts:
        """What the card of `row` shows now. `in_line`: its place is told, if it waits for one."""
        held = self.pauses.held(row)
        return await until_committed(
            self.database, read_facts, row, overdue=overdue, retry_at=retry_at, held=held, in_line=in_line
        )

    async def show(self, row: Generation, *, overdue: bool = False, retry_at: float | None = None) -> bool:
        """Bring the card up to date and note that it is."""
        if _in_part(row):
            return True  # what has arrived stays to be seen while the rest is fetched again
        if not await self.deliverer.show(await self.facts(row, overdue=overdue, retry_at=retry_at)):
            return False
        await until_committed(self.database, generations.shown, row.id, state=OVERDUE if overdue else row.state)
        return True

    async def show_end(self, row: Generation) -> None:
        """Show how it ended, with some patience; what is still not shown then is shown after the next start."""
        for attempt in range(self.limits.tries_to_show):
            if await self.show(row):
                return
            await asyncio.sleep(backoff(attempt, ceiling=60))

    async def adopt(self, row: Generation) -> Generation | None:
        """A queued row of a process that died while its placeholder was posted: with the message's id, if it stands.

        None: there is no message, nobody waits for it, and the day's share is given back. DeliveryFailed: not known.
        """
        message_id = await self.deliverer.find(row)
        if message_id is not None:
            posted = {"message_id": message_id, "channel_id": row.channel_id}
            return await until_committed(self.database, generations.store_message, row.id, **posted)
        await until_committed(self.database, withdraw, row)
        return None

    async def interrupt(self, row: Generation, *, reason: Reason = Reason.INTERRUPTED) -> None:
        """The process ended, or stumbled, in the middle of the request: it may be made, and is not sent again."""
        with contextlib.suppress(Overtaken):
            await self._end(row, State.UNKNOWN, reason)

    async def give_up(self, row: Generation, error: BaseException) -> None:
        """A fault of our own: the card says so with a reference that stands in the log."""
        reference = secrets.token_hex(2).upper()
        log.error("a generation failed (ref %s)", reference, exc_info=error, extra=row.logged)
        try:
            await self._end(row, State.FAILED, Reason.OUR_FAULT, reference)
        except Overtaken:
            log.info("a generation is in other hands", extra=row.logged)

    async def fetched(self, row: Generation) -> CardFacts:
        """The facts of a row that ended, its files here again as far as they can be had."""
        facts = await self.facts(row)
        return replace(facts, results=(await self.result_files.fetch(row, facts.results)).had)

    async def _send(self, row: Generation, inputs: Sequence[Result]) -> Generation:
        try:
            permit = self.money.unbound() or await until_committed(
                self.database, self.money.permit, row, seconds=seconds_of(row), now=time.time()
            )
        except OverBudget as error:
            return await self._end(row, State.FAILED, Reason.QUOTA, str(error))
        send = self._make_pictures if row.kind == Kind.IMAGE else self._submit_video
        return await send(row, inputs, permit)

    async def _make_pictures(self, row: Generation, inputs: Sequence[Result], permit: Permit) -> Generation:
        age_of = _aging(row)
        try:
            async with self.posts:
                if made_from(row) is None:
                    images = await self.client.generate_images(
                        image_request(row), permit, on_wait=partial(self._waiting, row)
                    )
                else:
                    request = await edit_request(row, inputs, self.result_files.data_dir)
                    images = await self.client.edit_images(request, permit, on_wait=partial(self._waiting, row))
        except ApiError as error:
            return await self._end_by(row, error, permit)
        kept = await self.result_files.keep(row, images)
        return await self._generated(row, kept, age=age_of(), calls=permit.calls)

    async def _submit_video(self, row: Generation, inputs: Sequence[Result], permit: Permit) -> Generation:
        try:
            async with self.posts:
                request = await video_request(row, inputs, self.result_files.data_dir)
                task = await self.client.submit_video(request, permit, on_wait=partial(self._waiting, row))
        except ApiError as error:
            return await self._end_by(row, error, permit)

        def write(connection: Connection) -> Generation | None:
            running = generations.change(connection, row.id, row.epoch, state=State.RUNNING, task_id=task.id)
            if running is not None and (noted := cost_rows.of_generation(connection, row.id)) is not None:
                cost_rows.note_calls(connection, noted[0], permit.calls)
            return running

        return self._owned(await until_committed(self.database, write))

    async def _waiting(self, row: Generation, seconds: float) -> None:
        """The service is busy: the card says when the next try is, and is set right when it begins."""
        await self.deliverer.show(await self.facts(row, retry_at=time.time() + seconds if seconds else None))

    async def _watch(self, row: Generation, *, resumed: bool) -> Generation:
        """Poll until the service has an end. In memory: nothing is written while nothing changes."""
        with self.pacer.watching():
            if resumed:
                await asyncio.sleep(0)  # the others of the old process are counted first
            wait = self.pacer.first() if resumed else self.pacer.next(0)
            age_of = _aging(row)
            sent = await self.result_files.sent(row)
            gone_since: float | None = None
            failures = failed_late = denials = 0
            overdue = row.shown_state == OVERDUE
            behind = row.shown_state not in {State.RUNNING, OVERDUE}
            while True:
                # Until it is there: without it the card says that it is being sent, and has no Cancel.
                behind = behind and not await self.show(row)
                await self._pause(wait)
                age = age_of()
                # Its time may be up because nobody asked: it is asked after once more before it is called expired.
                late = age > self.limits.hard_seconds
                if age > self.limits.soft_seconds and not overdue and not late:
                    overdue = await self.show(row, overdue=True)
                if failed_late >= self.limits.tries_to_ask:
                    return await self._end(row, State.EXPIRED, Reason.EXPIRED)
                wait = self.pacer.next(0 if late else age)
                try:
                    status = await self.client.get_video(row.task_id or "", sent=sent)
                except TaskNotFound as error:
                    gone_since = gone_since or time.monotonic()
                    left = gone_since + self.limits.gone_seconds - time.monotonic()
                    if left < 0:
                        return await self._end(row, State.FAILED, Reason.TASK_GONE, str(error))
                    denials += 1
                    wait = max(wait, min(self.pacer.after_failure(denials), left))
                    continue
                except RateLimited as error:
                    failures, failed_late = failures + 1, failed_late + late
                    wait = max(wait, error.retry_after or backoff(failures, ceiling=60))
                    continue
                except ApiError as error:
                    failures, failed_late = failures + 1, failed_late + late
                    wait = max(wait, self.pacer.after_failure(failures))
                    log.info("poll %s of a generation failed: %s", failures, error, extra=row.logged)
                    continue
                failures, denials, gone_since = 0, 0, None
                if status.state == "succeeded":
                    kept = await self.result_files.keep_clip(row, status)
                    actual = await self.money.amount(self.client, status.quota)
                    return await self._generated(row, [kept], age=age, actual=actual)
                if status.state == "failed":
                    reason = Reason.DECLINED if status.declined else Reason.MADE_FAILED
                    return await self._end(row, State.FAILED, reason, status.reason or "")
                if late:
                    return await self._end(row, State.EXPIRED, Reason.EXPIRED)

    async def _pause(self, seconds: float) -> None:
        """Sleep, and longer while the service asks everybody to wait; then not all at the same instant."""
        await asyncio.sleep(seconds)
        if (busy := self.client.busy_until - time.monotonic()) > 0:
            await asyncio.sleep(busy + self.pacer.first())

    async def _generated(
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
            return await self._end(row, State.FAILED, Reason.BAD_ANSWER, calls=calls)

        def write(connection: Connection) -> Generation | None:
            if not result_rows.put(connection, row.id, row.epoch, results):
                return None
            at = (row.submitted_at or row.created_at) + age
            made = generations.change(connection, row.id, row.epoch, state=State.GENERATED, generated_at=at)
            if made is not None:
                at = time.time()
                settle(connection, made, now=at, arrived=len(results), calls=calls, actual=actual)
            return made

        return self._owned(await until_committed(self.database, write))

    async def _deliver(self, row: Generation) -> None:
        """Fetch what is not here yet, show it, and try again until it is shown or there is nowhere left."""
        facts = await self.facts(row)
        if row.kind == Kind.VIDEO or row.shown_state in KEPT:
            await self.deliverer.show(facts)
        fetched = await self.result_files.fetch(row, facts.results)
        if _in_part(row) and not fetched.missing <= not_shown(facts.results):
            await self._delivered(row, State.DELIVERED)  # less than the card shows
            return
        if fetched.nothing:
            await self._unfetched(row, fetched)
            return
        try:
            screened = await self.screen.results(row, fetched.had)
        except NotHeld:
            raise Overtaken from None
        facts = await self.facts(row)
        facts = replace(facts, results=screened.results, spoiler=facts.spoiler or screened.unchecked)
        if self.pauses.held(row):
            await self.show(row)
            await self.pauses.free(row)
        attempt = 0
        while True:
            shown = replace(facts, row=replace(row, state=State.DELIVERED, ended_at=time.time()))
            try:
                state = await self.deliverer.deliver(shown)
                break
            except DeliveryFailed as error:
                log.warning("a generation is not delivered yet: %s", error, extra=row.logged)
                await asyncio.sleep(backoff(attempt, ceiling=600))
                attempt += 1
        row = await self._delivered(row, state)
        if state == State.DELIVERED and not fetched.missing:
            await self.result_files.forget(row)

    async def _delivered(self, row: Generation, state: State) -> Generation:
        row = await self._change(row, state=state, ended_at=time.time())
        await until_committed(self.database, generations.shown, row.id, state=row.state)
        return row

    async def _unfetched(self, row: Generation, fetched: Fetched) -> None:
        """It was made, and nothing of it can be had: the card says so, with the links that may work for people."""
        links = [(one.position, None, None if one.url is None else LINKED) for one in fetched.results]

        def write(connection: Connection) -> Generation | None:
            ended = generations.change(connection, row.id, row.epoch, state=State.UNFETCHED, ended_at=time.time())
            if ended is not None:
                result_rows.note_attachments(connection, row.id, links)
            return ended

        await self.result_files.forget(row)  # an empty folder
        log.warning("a generation was made, and none of its files could be fetched", extra=row.logged)
        await self.show_end(self._owned(await until_committed(self.database, write)))

    async def _end_by(self, row: Generation, error: ApiError, permit: Permit) -> Generation:
        state, reason = of_error(error, with_inputs=made_from(row) is not None)
        request = {"status": error.status, "request": error.request_id or None}
        log.warning("the service made nothing of a generation: %s", error, extra=row.logged | request)
        return await self._end(row, state, reason, error.detail, calls=permit.calls)

    async def _end(
        self, row: Generation, state: State, reason: Reason, detail: str = "", *, calls: Sequence[str] = ()
    ) -> Generation:
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
            return ended

        ended = self._owned(await until_committed(self.database, write))
        await self.show_end(ended)
        return ended

    async def _change(self, row: Generation, **values: Any) -> Generation:  # noqa: ANN401 - columns of the row
        return self._owned(await until_committed(self.database, generations.change, row.id, row.epoch, **values))

    @staticmethod
    def _owned(row: Generation | None) -> Generation:
        """What was just written; it is in the log as the next step of its life."""
        if row is None:
            raise Overtaken
        taken = None if row.submitted_at is None else int((time.time() - row.submitted_at) * 1000)
        log.info("a generation goes on", extra=row.logged | {"milliseconds": taken})
        return row


def _in_part(row: Generation) -> bool:
    """Whether its card shows some of its results, and the others are fetched again."""
    return row.state == State.GENERATED and row.shown_state == State.DELIVERED


def _aging(row: Generation) -> Callable[[], float]:
    """Tells for how many seconds a row has been submitted. What passes here passes by a clock that nobody sets."""
    before = max(0.0, time.time() - (row.submitted_at or row.created_at))
    began = time.monotonic()
    return lambda: before + time.monotonic() - began
