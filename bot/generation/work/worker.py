"""The life of one generation: submit, poll, fetch, hand over to a Deliverer.

Every step is written to the row before the next begins, under the row's epoch (`progress`): whoever finds the row after
a crash goes on from its state. A write that changes no row means that someone else has it (`Overtaken`): stop silently.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from bot.api.client import OneKeyClient
from bot.api.permits import Permit
from bot.api.video import VideoStatus
from bot.errors import ApiError, OverBudget, ResultError
from bot.generation import notices
from bot.generation.card_facts import LINKED, CardFacts
from bot.generation.files.result_files import Fetched, Overtaken, ResultFiles
from bot.generation.ordering.orders import withdraw
from bot.generation.price import settle_by_length
from bot.generation.requests import edit_request, image_request, made_from, seconds_of, video_request, with_known
from bot.generation.rows import generations, result_rows
from bot.generation.rows.records import Generation, Result, not_shown
from bot.generation.work.deliverer import DeliveryFailed
from bot.generation.work.polling import Ended, Polling
from bot.generation.work.posts import Posts
from bot.generation.work.progress import Progress, aging, in_part
from bot.generation.work.screening import NotHeld, Screen
from bot.kinds import Kind
from bot.orders import cost_rows
from bot.orders.money import Money
from bot.reasons import Reason, of_error
from bot.states import KEPT, State
from bot.store.writes import backoff, until_committed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Works on rows, one `live` call a row; `bot.generation.work.claims` decides which and when."""

    progress: Progress
    client: OneKeyClient
    polling: Polling
    result_files: ResultFiles
    posts: Posts
    screen: Screen
    money: Money

    async def live(self, row: Generation, *, resumed: bool = False, show_first: bool = False) -> None:
        """Take `row` from the state it is in to its end.

        `resumed`: its process died, so first polls are spread out. `show_first`: its card still says something else.
        """
        # A running one's card is seen to beside its polls.
        showing = asyncio.ensure_future(self.progress.show(row)) if show_first and row.state != State.RUNNING else None
        try:
            inputs: Sequence[Result] = ()
            if row.state in {State.QUEUED, State.SUBMITTING}:
                row, inputs = await self._prepared(row)
            if row.state == State.QUEUED:
                row = await self.progress.change(row, state=State.SUBMITTING, submitted_at=time.time())
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
            if await flagged or await self.screen.flags_inputs(row, inputs):
                row = await self.progress.end(row, State.FAILED, Reason.MODERATED)
        except ResultError as error:
            row = await self.progress.end(row, *of_error(error))
        finally:
            flagged.cancel()
        return row, inputs

    async def adopt(self, row: Generation) -> Generation | None:
        """A queued row of a process that died while its placeholder was posted: with the message's id, if it stands.

        None: there is no message, nobody waits for it, and the day's share is given back. DeliveryFailed: not known.
        """
        message_id = await self.progress.deliverer.find(row)
        if message_id is not None:
            stands = partial(generations.store_message, message_id=message_id, channel_id=row.channel_id)
            return await until_committed(self.progress.database, stands, row.id)
        await until_committed(self.progress.database, withdraw, row)
        return None

    async def interrupt(self, row: Generation, *, reason: Reason = Reason.INTERRUPTED) -> None:
        """The process ended, or stumbled, in the middle of the request: it may be made, and is not sent again."""
        with contextlib.suppress(Overtaken):
            await self.progress.end(row, State.UNKNOWN, reason)

    async def give_up(self, row: Generation, error: BaseException) -> None:
        """A fault of our own: the card says so with a reference that stands in the log."""
        reference = secrets.token_hex(2).upper()
        log.error("a generation failed (ref %s)", reference, exc_info=error, extra=row.logged)
        try:
            await self.progress.end(row, State.FAILED, Reason.OUR_FAULT, reference)
        except Overtaken:
            log.info("a generation is in other hands", extra=row.logged)

    async def fetched(self, row: Generation) -> CardFacts:
        """The facts of a row that ended, its files here again as far as they can be had."""
        facts = await self.progress.facts(row)
        return replace(facts, results=(await self.result_files.fetch(row, facts.results)).had)

    async def _send(self, row: Generation, inputs: Sequence[Result]) -> Generation:
        try:
            permit = self.money.unbound() or await until_committed(
                self.progress.database, self.money.permit, row, seconds=seconds_of(row), now=time.time()
            )
        except OverBudget as error:
            return await self.progress.end(row, State.FAILED, Reason.QUOTA, str(error))
        send = self._make_pictures if row.kind == Kind.IMAGE else self._submit_video
        return await send(row, inputs, permit)

    async def _make_pictures(self, row: Generation, inputs: Sequence[Result], permit: Permit) -> Generation:
        age_of = aging(row)
        try:
            async with self.posts.sending(row.id):
                if made_from(row) is None:
                    images = await self.client.generate_images(
                        image_request(row), permit, on_wait=partial(self.progress.show_waiting, row)
                    )
                else:
                    request = await edit_request(row, inputs, self.result_files.data_dir)
                    images = await self.client.edit_images(
                        request, permit, on_wait=partial(self.progress.show_waiting, row)
                    )
        except ApiError as error:
            return await self._end_by(row, error, permit)
        kept = await self.result_files.keep(row, images)
        return await self.progress.generated(row, kept, age=age_of(), calls=permit.calls)

    async def _submit_video(self, row: Generation, inputs: Sequence[Result], permit: Permit) -> Generation:
        age_of = aging(row)
        try:
            async with self.posts.sending(row.id):
                request = await video_request(row, inputs, self.result_files.data_dir)
                asked = with_known(row, inputs)
                task = await self.client.submit_video(request, permit, on_wait=partial(self.progress.show_waiting, row))
        except ApiError as error:
            return await self._end_by(row, error, permit)

        state = State.RUNNING if task.made is None else row.state

        def write(connection: Connection) -> Generation | None:
            sent = {"state": state, "task_id": task.id, "parameters": asked}
            running = generations.change(connection, row.id, row.epoch, **sent)
            if running is not None and (noted := cost_rows.of_generation(connection, row.id)) is not None:
                cost_rows.note_calls(connection, noted[0], permit.calls)
            return running

        row = await self.progress.write(write)
        return row if task.made is None else await self._made(row, task.made, age=age_of())

    async def _watch(self, row: Generation, *, resumed: bool) -> Generation:
        age_of = aging(row)
        sent = await self.result_files.sent(row)
        end = await self.polling.watch(row, sent=sent, resumed=resumed)
        if isinstance(end, Ended):
            return await self.progress.end(row, *end)
        return await self._made(row, end, age=age_of())

    async def _made(self, row: Generation, clip: VideoStatus, *, age: float) -> Generation:
        kept = await self.result_files.keep_clip(row, clip)
        actual = await self.money.amount(self.client, clip.quota)
        return await self.progress.generated(row, [kept], age=age, actual=actual)

    async def _deliver(self, row: Generation) -> None:
        """Fetch what is not here yet, show it, and try again until it is shown or there is nowhere left."""
        facts = await self.progress.facts(row)
        if row.kind == Kind.VIDEO or row.shown_state in KEPT:
            await self.progress.deliverer.show(facts)
        fetched = await self.result_files.fetch(row, facts.results)
        if in_part(row) and not fetched.missing <= not_shown(facts.results):
            await self.progress.delivered(row, State.DELIVERED)  # less than the card shows
            return
        if fetched.nothing:
            await self._unfetched(row, fetched)
            return
        try:
            screened = await self.screen.results(row, fetched.had)
        except NotHeld:
            raise Overtaken from None
        facts = await self.progress.facts(row)
        results = await self.result_files.measured(row, screened.results)
        facts = replace(facts, results=results, spoiler=facts.spoiler or screened.unchecked)
        if self.progress.pauses.held(row):
            await self.progress.show(row)
            await self.progress.pauses.free(row)
        attempt = 0
        while True:
            shown = replace(facts, row=replace(row, state=State.DELIVERED, ended_at=time.time()))
            try:
                state = await self.progress.deliverer.deliver(shown)
                break
            except DeliveryFailed as error:
                log.warning("a generation is not delivered yet: %s", error, extra=row.logged)
                await asyncio.sleep(backoff(attempt, ceiling=600))
                attempt += 1
        row = await self.progress.delivered(row, state)
        if state == State.DELIVERED and not fetched.missing:
            await self.result_files.forget(row)

    async def _unfetched(self, row: Generation, fetched: Fetched) -> None:
        """It was made, and nothing of it can be had: the card says so, with the links that may work for people."""
        links = [(one.position, None, None if one.url is None else LINKED) for one in fetched.results]

        def write(connection: Connection) -> Generation | None:
            ended = generations.change(connection, row.id, row.epoch, state=State.UNFETCHED, ended_at=time.time())
            if ended is not None:
                result_rows.note_attachments(connection, row.id, links)
                settle_by_length(connection, ended, now=time.time())
            return notices.put_if_due(connection, row, ended, now=time.time())

        await self.result_files.forget(row)  # an empty folder
        log.warning("a generation was made, and none of its files could be fetched", extra=row.logged)
        ended = await self.progress.write(write)
        await self.progress.show_end(ended)
        await self.progress.tell(ended)

    async def _end_by(self, row: Generation, error: ApiError, permit: Permit) -> Generation:
        state, reason = of_error(error, with_inputs=made_from(row) is not None)
        request = {"status": error.status, "request": error.request_id or None}
        log.warning("the service made nothing of a generation: %s", error, extra=row.logged | request)
        return await self.progress.end(row, state, reason, error.detail, calls=permit.calls)
