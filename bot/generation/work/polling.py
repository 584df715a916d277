"""The service is asked after a running video until it has an end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from bot.api.client import OneKeyClient
from bot.api.video import VideoStatus
from bot.errors import ApiError, TaskNotFound
from bot.generation.pace import Pacer
from bot.generation.rows.records import Generation
from bot.generation.work.progress import Progress, aging
from bot.reasons import Reason
from bot.states import OVERDUE, State

log = logging.getLogger(__name__)

ARRIVES_SECONDS = 2.0
"""What Discord takes at most, as a rule, for an edit that was sent."""


class Ended(NamedTuple):
    """How it ended without a clip."""

    state: State
    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    client: OneKeyClient
    pacer: Pacer
    progress: Progress

    async def watch(self, row: Generation, *, sent: Collection[str], resumed: bool) -> VideoStatus | Ended:
        """In memory: nothing is written while nothing changes. A VideoStatus: of a clip that is made.

        `sent`: the addresses that went along. `resumed`: its process died, so first polls are spread out.
        """
        card = _Card(self.progress, row)
        try:
            with self.pacer.watching():
                end = await self._end_of(row, card, sent=sent, resumed=resumed)
            await card.arrives()
            return end
        finally:
            await card.leave()

    async def _end_of(
        self, row: Generation, card: _Card, *, sent: Collection[str], resumed: bool
    ) -> VideoStatus | Ended:
        limits = self.progress.limits
        wait = self.pacer.first() if resumed else self.pacer.next(0)
        age_of = aging(row)
        gone_since: float | None = None
        failures = failed_late = denials = 0
        # Until it is there: without it the card says that it is being sent, and has no Cancel.
        card.says(State.RUNNING)
        while True:
            await self._pause(wait)
            age = age_of()
            # Its time may be up because nobody asked: it is asked after once more before it is called expired.
            late = age > limits.hard_seconds
            card.says(OVERDUE if age > limits.soft_seconds and not late else State.RUNNING)
            if failed_late >= limits.tries_to_ask:
                return Ended(State.EXPIRED, Reason.EXPIRED)
            wait = self.pacer.next(0 if late else age)
            try:
                status = await self.client.get_video(row.task_id or "", sent=sent)
            except TaskNotFound as error:
                gone_since = gone_since or time.monotonic()
                left = gone_since + limits.gone_seconds - time.monotonic()
                if left < 0:
                    return Ended(State.FAILED, Reason.TASK_GONE, str(error))
                denials += 1
                wait = max(wait, min(self.pacer.after_failure(denials), left))
                continue
            except ApiError as error:
                failures, failed_late = failures + 1, failed_late + late
                wait = max(wait, self.pacer.after_failure(failures))
                log.info("poll %s of a generation failed: %s", failures, error, extra=row.logged)
                continue
            failures, denials, gone_since = 0, 0, None
            if status.state == "succeeded":
                return status
            if status.state == "failed":
                reason = Reason.DECLINED if status.declined else Reason.MADE_FAILED
                return Ended(State.FAILED, reason, status.reason or "")
            if late:
                return Ended(State.EXPIRED, Reason.EXPIRED)

    async def _pause(self, seconds: float) -> None:
        """Sleep, and longer while the service asks everybody to wait; then not all at the same instant."""
        await asyncio.sleep(seconds)
        if (busy := self.client.busy_until - time.monotonic()) > 0:
            await asyncio.sleep(busy + self.pacer.first())


class _Card:
    """What the card of a running video says is brought up to date beside the polls: that may have to wait until a
    thousand others are edited with the bot's own token, and the video's end is not to be noticed later for it.
    """

    def __init__(self, progress: Progress, row: Generation) -> None:
        self._progress = progress
        self._row = row
        self._shown = row.shown_state
        self._showing: asyncio.Task[None] | None = None

    def says(self, state: str) -> None:
        """Begin to show it, where that is not under way: to be called again until it is there."""
        if self._shown in {state, OVERDUE} or (self._showing is not None and not self._showing.done()):
            return
        if self._showing is not None:
            self._showing.result()
        self._showing = asyncio.create_task(self._show(state))

    async def arrives(self) -> None:
        """An edit that was sent gets there before the next one; one that waits for its turn may go on waiting."""
        if self._showing is not None:
            await asyncio.wait([self._showing], timeout=ARRIVES_SECONDS)

    async def leave(self) -> None:
        """Whatever comes next is shown instead."""
        if self._showing is not None:
            self._showing.cancel()
            await asyncio.gather(self._showing, return_exceptions=True)

    async def _show(self, state: str) -> None:
        if await self._progress.show(self._row, overdue=state == OVERDUE):
            self._shown = state
