"""The bot's own token: all that is asked with it shares one limit, 50 requests a second, whatever the route.

https://discord.com/developers/docs/topics/rate-limits ("Global Rate Limit"): what goes to an interaction's endpoints
is not counted. A 429 is an invalid request, and 10,000 of them in ten minutes get the address banned, so the limit is
kept to, not run into: thousands of videos may end at once whose interactions are over.
"""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import aiohttp

REQUESTS_PER_SECOND = 40.0
"""A little below Discord's limit: requests bunch up on their way there."""
BURST = 5
"""Requests that need not be spaced after a quiet moment: people who ask at once are answered at once."""
LATE_SECONDS = 0.1
"""So late a turn among those of other processes may be used. 1.1 seconds of turns and a burst are 49: however late each
of them is, Discord's limit is kept. A busy process has longer for each, and may be as much later.
"""
LATEST_SECONDS = 2.0
TRIES = 5
"""Whoever is later than that each time goes all the same."""
AT_ONCE = 64
"""Uploads under way, each with its files open; more would only wait."""


class OwnToken:
    """Spaces the requests, and says whose turn it is to make one.

    `shared`: takes the next turn among those of all processes, for so many seconds; when it is, by `time.monotonic`.
    """

    def __init__(
        self,
        *,
        requests_per_second: float = REQUESTS_PER_SECOND,
        shared: Callable[[float], Awaitable[float]] | None = None,
    ) -> None:
        self._interval = 1 / requests_per_second
        self._shared = shared
        self._due = 0.0
        self._late = LATE_SECONDS
        """How late this process may be, as it lately was."""
        self._line = asyncio.Lock()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._channels: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    def pace(self, trace: aiohttp.TraceConfig) -> None:
        """Space what is sent by the session that `trace` belongs to, the library's own repetitions included.

        At the moment of sending, after all waiting for a route's own limit. Requests without the token do not wait.
        """
        trace.on_request_start.append(self._starts)

    @asynccontextmanager
    async def turn(self, channel_id: int) -> AsyncGenerator[None]:
        """One at a time in a channel, whose routes have limits of their own: no channel keeps the others waiting."""
        lock = self._channels.setdefault(channel_id, asyncio.Lock())
        async with lock, self._at_once:
            yield

    async def _starts(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, starts: aiohttp.TraceRequestStartParams
    ) -> None:
        del session, context
        if "Authorization" in starts.headers:
            await self._space()

    async def _space(self) -> None:
        """Wait for one's place in the line, first come first served. Of idle time a burst is made up for."""
        if self._shared is not None:
            await self._in_time(self._shared)
            return
        async with self._line:
            due = max(self._due, time.monotonic() - (BURST - 1) * self._interval)
            await asyncio.sleep(due - time.monotonic())
            self._due = due + self._interval

    async def _in_time(self, shared: Callable[[float], Awaitable[float]]) -> None:
        """Wait for a turn, and for another one where this process was too busy to use it."""
        for _ in range(TRIES):
            most = self._late
            due = await shared((1 + most) / (1 + LATE_SECONDS) * self._interval)
            await asyncio.sleep(due - time.monotonic())
            late = time.monotonic() - due
            if late <= most:
                self._late = max(LATE_SECONDS, late, self._late * 0.95)
                return
            self._late = max(self._late, min(1.5 * late, LATEST_SECONDS))
