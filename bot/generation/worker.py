"""The life of one generation: submit, poll, fetch, hand over to a Deliverer.

Every step is written to the row before the next begins, under the row's epoch: whoever finds the row after a crash
goes on from its state. A write that changes no row means that someone else has it (`Overtaken`): stop silently.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from bot.api.client import OneKeyClient
from bot.api.images import ImageRequest, Images
from bot.api.video import VideoRequest
from bot.errors import ApiError, ForbiddenAddress, RateLimited, ResultError, ResultUnavailable, TaskNotFound
from bot.generation.facts import CardFacts
from bot.generation.orders import give_back
from bot.generation.pace import Limits, backoff, expiry_of, pace
from bot.generation.reasons import NOTHING_SPENT, Reason, of_error
from bot.generation.results import ResultFetcher, remove_leftovers
from bot.generation.states import LIVE, State
from bot.store import generations
from bot.store.database import Database, StoreUnavailable
from bot.store.generations import Generation, NewResult, Result

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Overtaken(Exception):
    """The row's epoch has moved on: another worker, or a person's button, has it."""


class DeliveryFailed(Exception):
    """The results could not be shown this time; trying again later may help. Nothing is lost."""


class Deliverer(Protocol):
    """Where cards are shown. Both calls may be repeated: they edit the one message of the row."""

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
    fetcher: ResultFetcher
    deliverer: Deliverer
    data_dir: Path
    limits: Limits
    posts: asyncio.Semaphore

    async def live(self, row: Generation, *, resumed: bool = False, show_first: bool = False) -> None:
        """Take `row` from the state it is in to its end.

        `resumed`: its process died, so first polls are spread out. `show_first`: its card still says something else.
        """
        showing = asyncio.ensure_future(self.show(row)) if show_first else None
        try:
            if row.state == State.QUEUED:
                row = await self._change(row, state=State.SUBMITTING, submitted_at=time.time())
            if row.state == State.SUBMITTING:
                row = await (self._make_pictures(row) if row.kind == "image" else self._submit_video(row))
            if row.state == State.RUNNING:
                row = await self._watch(row, resumed=resumed)
            if row.state == State.GENERATED:
                await self._deliver(row)
        except Overtaken:
            log.info("generation %s is in other hands", row.id)
        finally:
            if showing is not None:
                await asyncio.wait([showing])

    async def facts(self, row: Generation, *, overdue: bool = False, retry_at: float | None = None) -> CardFacts:
        """What the card of `row` shows now."""

        def read(connection: Connection) -> CardFacts:
            return CardFacts(
                row=row,
                results=generations.results_of(connection, row.id),
                place=generations.place_in_line(connection, row.id) if row.state == State.QUEUED else None,
                usual=generations.usual_seconds(connection, kind=row.kind, model=row.model),
                overdue=overdue,
                retry_at=retry_at,
            )

        return await self.database.run(read)

    async def show(self, row: Generation, *, overdue: bool = False, retry_at: float | None = None) -> bool:
        """Bring the card up to date and note that it is."""
        if not await self.deliverer.show(await self.facts(row, overdue=overdue, retry_at=retry_at)):
            return False
        await self._write(generations.shown, row.id, state=row.state)
        return True

    async def show_end(self, row: Generation) -> None:
        """Show how it ended, with some patience; what is still not shown then is shown after the next start."""
        for attempt in range(self.limits.tries_to_show):
            if await self.show(row):
                return
            await asyncio.sleep(backoff(attempt, ceiling=60))

    async def interrupt(self, row: Generation) -> None:
        """The process ends, or ended, in the middle of the request: it may be made, and is not sent again."""
        try:
            row = await self._change(row, state=State.UNKNOWN, reason=Reason.INTERRUPTED, ended_at=time.time())
        except Overtaken:
            return
        await self.show_end(row)

    async def give_up(self, row: Generation, error: BaseException) -> None:
        """A fault of our own: the card says so with a reference that stands in the log."""
        reference = secrets.token_hex(2).upper()
        log.error("generation %s failed (ref %s)", row.id, reference, exc_info=error)
        try:
            await self._end(row, State.FAILED, Reason.OUR_FAULT, reference)
        except Overtaken:
            log.info("generation %s is in other hands", row.id)

    async def fetched(self, row: Generation) -> CardFacts:
        """The facts of a row that ended, its files here again as far as they can be had."""
        facts = await self.facts(row)
        return replace(facts, results=await self._fetch(row, facts.results))

    async def forget_files(self, row: Generation) -> None:
        """Remove its files: they are where they belong."""
        await asyncio.to_thread(shutil.rmtree, self._folder(row), ignore_errors=True)

    async def tidy(self) -> None:
        """Remove files that nobody will ask for again, and what a killed process left half-written."""
        folder = self.data_dir / "results"
        for path in await asyncio.to_thread(lambda: list(folder.glob("*/"))):
            row = await self.database.run(generations.get, int(path.name)) if path.name.isdigit() else None
            kept = row is not None and (
                row.state in LIVE
                or (row.state == State.DROPPED and (row.ended_at or 0) > time.time() - self.limits.kept_seconds)
            )
            if kept:
                await asyncio.to_thread(remove_leftovers, path)
            else:
                await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)

    async def _make_pictures(self, row: Generation) -> Generation:
        size = row.parameters.get("size")
        request = ImageRequest(model=row.model, prompt=row.prompt, count=row.count, size=str(size) if size else None)
        try:
            async with self.posts:
                images = await self.client.generate_images(request, on_wait=lambda wait: self._waiting(row, wait))
        except ApiError as error:
            return await self._end_by(row, error)
        return await self._generated(row, await self._keep(row, images))

    async def _keep(self, row: Generation, images: Images) -> list[NewResult]:
        """The pictures as results; those that came inside the answer exist nowhere else and are saved first."""
        kept: list[NewResult] = []
        for picture in images.pictures:
            position = len(kept)
            if picture.data is not None:
                try:
                    file = await self.fetcher.save(
                        picture.data, kind="image", directory=self._folder(row), name=str(position)
                    )
                except ResultError as error:
                    log.warning("generation %s: a picture can't be used: %s", row.id, error)
                    continue
                path = str(file.path.relative_to(self.data_dir))
                kept.append(NewResult(path=path, content_type=file.content_type, size=file.size))
            elif picture.url is not None:
                kept.append(NewResult(url=picture.url, expires_at=expiry_of(picture.url, time.time())))
        return kept

    async def _submit_video(self, row: Generation) -> Generation:
        resolution = row.parameters.get("resolution")
        request = VideoRequest(model=row.model, prompt=row.prompt, resolution=str(resolution) if resolution else None)
        try:
            async with self.posts:
                task = await self.client.submit_video(request, on_wait=lambda wait: self._waiting(row, wait))
        except ApiError as error:
            return await self._end_by(row, error)
        row = await self._change(row, state=State.RUNNING, task_id=task.id)
        await self.show(row)
        return row

    async def _waiting(self, row: Generation, seconds: float) -> None:
        """The service is busy: the card says when the next try is, and is set right when it begins."""
        await self.deliverer.show(await self.facts(row, retry_at=time.time() + seconds if seconds else None))

    async def _watch(self, row: Generation, *, resumed: bool) -> Generation:
        """Poll until the service has an end. In memory: nothing is written while nothing changes."""
        started = row.submitted_at or row.created_at
        base = self.limits.poll_seconds
        wait = random.uniform(0, min(base, 5)) if resumed else pace(time.time() - started, base)
        gone_since: float | None = None
        failures = 0
        overdue = False
        while True:
            await self._pause(wait)
            age = time.time() - started
            if age > self.limits.hard_seconds:
                return await self._end(row, State.EXPIRED, Reason.EXPIRED)
            if age > self.limits.soft_seconds and not overdue:
                overdue = await self.show(row, overdue=True)
            wait = pace(age, base)
            try:
                status = await self.client.get_video(row.task_id or "")
            except TaskNotFound as error:
                gone_since = gone_since or time.monotonic()
                if time.monotonic() - gone_since > self.limits.gone_seconds:
                    return await self._end(row, State.FAILED, Reason.TASK_GONE, str(error))
                continue
            except RateLimited as error:
                wait = max(wait, error.retry_after or backoff(failures, ceiling=60))
                failures += 1
                continue
            except ApiError as error:
                failures += 1
                wait = max(wait, min(60.0, base * failures))
                log.info("generation %s: poll %s failed: %s", row.id, failures, error)
                continue
            failures, gone_since = 0, None
            if status.state == "succeeded":
                url = status.url or ""
                return await self._generated(row, [NewResult(url=url, expires_at=expiry_of(url, time.time()))])
            if status.state == "failed":
                reason = Reason.DECLINED if status.declined else Reason.MADE_FAILED
                return await self._end(row, State.FAILED, reason, status.reason or "")

    async def _pause(self, seconds: float) -> None:
        """Sleep, and longer while the service asks everybody to wait; then not all at the same instant."""
        await asyncio.sleep(seconds)
        if (busy := self.client.busy_until - time.monotonic()) > 0:
            await asyncio.sleep(busy + random.uniform(0, min(self.limits.poll_seconds, 5)))

    async def _generated(self, row: Generation, results: list[NewResult]) -> Generation:
        if not results:
            return await self._end(row, State.FAILED, Reason.BAD_ANSWER)

        def write(connection: Connection) -> Generation | None:
            if not generations.put_results(connection, row.id, row.epoch, results):
                return None
            return generations.change(connection, row.id, row.epoch, state=State.GENERATED, generated_at=time.time())

        return self._owned(await self._write(write))

    async def _deliver(self, row: Generation) -> None:
        """Fetch what is not here yet, show it, and try again until it is shown or there is nowhere left."""
        if row.kind == "video":
            await self.deliverer.show(await self.facts(row))
        facts = await self.fetched(row)
        attempt = 0
        while True:
            shown = replace(facts, row=replace(row, state=State.DELIVERED, ended_at=time.time()))
            try:
                state = await self.deliverer.deliver(shown)
                break
            except DeliveryFailed as error:
                log.warning("generation %s is not delivered yet: %s", row.id, error)
                await asyncio.sleep(backoff(attempt, ceiling=600))
                attempt += 1
        row = await self._change(row, state=state, ended_at=time.time())
        await self._write(generations.shown, row.id, state=row.state)
        if state == State.DELIVERED:
            await self.forget_files(row)

    async def _fetch(self, row: Generation, results: Collection[Result]) -> tuple[Result, ...]:
        return tuple(await asyncio.gather(*(self._fetch_one(row, result) for result in results)))

    async def _fetch_one(self, row: Generation, result: Result) -> Result:
        """`result` with its file in DATA_DIR, or without one when it can't be had: then its link is what is left."""
        if result.path is not None and await asyncio.to_thread((self.data_dir / result.path).is_file):
            return self._showable(result)
        if result.url is None:
            return result
        kind = "image" if row.kind == "image" else "video"
        for attempt in range(self.limits.tries_to_fetch):
            try:
                file = await self.fetcher.fetch(
                    result.url, kind=kind, directory=self._folder(row), name=str(result.position)
                )
            except (ResultUnavailable, OSError) as error:  # an OSError is our own disk's: it may be freed
                log.warning("generation %s: result %s: %s", row.id, result.position, error)
                if attempt + 1 < self.limits.tries_to_fetch:
                    await asyncio.sleep(backoff(attempt, ceiling=10))
                continue
            except ForbiddenAddress as error:
                log.warning("generation %s: result %s leads to a private address: %s", row.id, result.position, error)
                return replace(result, path=None, url=None)
            except ResultError as error:
                log.warning("generation %s: result %s refused: %s", row.id, result.position, error)
                break
            path = str(file.path.relative_to(self.data_dir))
            stored = await self._write(
                generations.set_result_file,
                row.id,
                row.epoch,
                result.position,
                path,
                file.content_type,
                file.size,
            )
            if not stored:
                raise Overtaken
            return self._showable(replace(result, path=path, content_type=file.content_type, size=file.size))
        return self._showable(replace(result, path=None))

    def _showable(self, result: Result) -> Result:
        """`result` without its link where that is of no use to people: a private address, or one that needs the key."""
        url = result.url
        if url is None or url.startswith(f"{self.client.base_url}/") or not self.fetcher.may_show(url):
            return replace(result, url=None)
        return result

    async def _end_by(self, row: Generation, error: ApiError) -> Generation:
        state, reason = of_error(error)
        log.warning("generation %s ends as %s (%s): %s", row.id, state, reason, error)
        return await self._end(row, state, reason, error.detail)

    async def _end(self, row: Generation, state: State, reason: Reason, detail: str = "") -> Generation:
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
            if ended is not None and reason in NOTHING_SPENT:
                give_back(connection, row)
            return ended

        ended = self._owned(await self._write(write))
        await self.show_end(ended)
        return ended

    async def _change(self, row: Generation, **values: Any) -> Generation:  # noqa: ANN401 - columns of the row
        return self._owned(await self._write(generations.change, row.id, row.epoch, **values))

    async def _write(
        self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`database.run` with the patience of what must not be forgotten: a task id, a result, an end.

        A locked or full database is waited for. Written twice is as good as once: each write sets the same values.
        """
        attempt = 0
        while True:
            try:
                return await self.database.run(function, *args, **kwargs)
            except StoreUnavailable as error:
                log.error("the database does not take a write, trying again: %s", error)  # noqa: TRY400 - expected
                await asyncio.sleep(backoff(attempt, ceiling=30))
                attempt += 1

    @staticmethod
    def _owned(row: Generation | None) -> Generation:
        if row is None:
            raise Overtaken
        return row

    def _folder(self, row: Generation) -> Path:
        return self.data_dir / "results" / str(row.id)
