"""When a call is tried again, how long a busy service is left alone, and who is told of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from bot.api.calls import Call
from bot.api.failures import Effect
from bot.errors import ApiError, RateLimited, ServiceFault, Unreachable

log = logging.getLogger(__name__)

OnWait: TypeAlias = Callable[[float], Awaitable[None]]

_TELLING_SECONDS: Final = 10.0
_BUSY_LIMIT: Final = 600.0


class Waits:
    """Of all calls of one service. `busy_until`: on the monotonic clock."""

    def __init__(self) -> None:
        self.busy_until = 0.0
        self._busy_in_a_row = 0

    def note_busy(self, retry_after: float | None) -> None:
        """One 429 is for everyone. Those of calls already under way are the same event, not a worse one."""
        now = time.monotonic()
        if retry_after is None:
            if now < self.busy_until:
                return
            retry_after = min(60.0, 2.0**self._busy_in_a_row)
            self._busy_in_a_row += 1
        self.busy_until = max(self.busy_until, now + min(retry_after, _BUSY_LIMIT))

    def note_answer(self) -> None:
        """It is not busy any more."""
        self._busy_in_a_row = 0

    def until_next(
        self, call: Call, error: ApiError, *, retry_after: float | None, tries: int, waited: float
    ) -> float | None:
        """Seconds until the next try of a call that ended in `error`, or None when there is to be none.

        `waited`: seconds so far, over `tries` of them.
        """
        retries = call.retries
        if isinstance(error, RateLimited) and error.status == 429:
            floor = max(retry_after or 0.0, self.busy_until - time.monotonic())
        elif isinstance(error, Unreachable) and error.status is None:
            if tries >= retries.connect_tries - 1:
                return None
            floor = 0.0
        elif (isinstance(error, Unreachable) and call.effect is Effect.READS) or (
            isinstance(error, ServiceFault)
            and call.effect is Effect.TALKS
            and error.status == 503
            and not (call.permit is not None and call.permit.is_bounded)
        ):
            floor = retry_after or 0.0
        else:
            return None
        return retries.delay(tries=tries, waited=waited, floor=floor)


async def wait(seconds: float, on_wait: OnWait | None) -> None:
    """Sleep, telling when it begins, and 0 when it is over; telling takes no time of its own."""
    due = time.monotonic() + seconds
    await _tell(on_wait, seconds)
    await asyncio.sleep(max(0.0, due - time.monotonic()))
    await _tell(on_wait, 0.0)


async def _tell(on_wait: OnWait | None, seconds: float) -> None:
    if on_wait is None:
        return
    try:
        async with asyncio.timeout(_TELLING_SECONDS):
            await on_wait(seconds)
    except Exception:  # telling somebody is a courtesy: whatever it raises, the call goes on
        log.exception("could not tell that the next try is in %.1f s", seconds)
