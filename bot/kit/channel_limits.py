"""What Discord's headers leave of each channel's buckets: regular messages that people wait for share them.

Posts have one, edits another. Who waits for a permit is let in by rank, the earliest of a rank first; nobody runs into
a 429. Permits that are known to be needed, each growing message's last edit, are left alone by the edits between.

The library's own guard stands behind it, with two habits mended (`wake_the_library`): whoever takes a bucket's last
permit is answered when the bucket is full again, seconds after Discord answered; and who finds it empty waits for a
whole window, however much of it is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import re
import time
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from types import SimpleNamespace
from typing import Final

import aiohttp
import discord.http
from discord.http import Ratelimit

from bot.recent import Recent

MOST_KNOWN: Final = 4096
PATIENCE: Final = 5.0
"""Seconds without an edit before a growing message may take a permit that is kept for others' last ones."""
LOOK_AGAIN: Final = 0.5
MARGIN, MOST_MARGIN = 0.001, 0.25
"""Seconds after a window's end; more, once a request came too early all the same."""
AHEAD: Final = 0.03
"""Seconds before a window's end in which those who are first make ready what they send then."""
TIMER: Final = 0.001
"""What a timer of the event loop may be late by."""
_METHODS: Final = frozenset({"POST", "PATCH"})
_MESSAGES: Final = re.compile(r"/channels/(\d+)/messages(/\d+)?$")


_granted: ContextVar[float | None] = ContextVar("granted", default=None)
"""When the present task may send (time.monotonic), if it has a permit: the library's guard knows less of that."""


@dataclass(slots=True)
class _Bucket:
    """`limit` None: nothing is known yet, so one request finds out. `running`: sent, or about to be."""

    limit: int | None = None
    remaining: int = 1
    resets_at: float = 0.0
    earliest: float = 0.0
    latest: float = 0.0
    """When the window ends, as far as its answers tell."""
    running: int = 0
    growing: int = 0
    waiting: list[tuple[int, int, asyncio.Future[float]]] = field(
        default_factory=list[tuple[int, int, "asyncio.Future[float]"]]
    )
    alarm: asyncio.TimerHandle | None = None

    def free(self) -> int:
        """Permits that nobody has: of this window, or of the next, if that is near and this one has none."""
        return (self.remaining if self._lasts() else (self.limit or 1)) - self.running

    def _lasts(self) -> bool:
        left = self.resets_at - time.monotonic()
        return left > AHEAD or (left > 0 and self.remaining > self.running)

    def learn(self, limit: int, remaining: int, *, earliest: float, latest: float, margin: float) -> None:
        """What an answer's headers say. Answers overtake each other: within a window the least that was said counts."""
        if time.monotonic() < self.resets_at and self.limit is not None:
            remaining = min(remaining, self.remaining)
            earliest, latest = max(earliest, self.earliest), min(latest, self.latest)
        self.limit, self.remaining, self.earliest, self.latest = limit, remaining, earliest, latest
        self.resets_at = min(max(earliest, latest), earliest + MOST_MARGIN) + margin
        if self.alarm is not None:
            self.alarm.cancel()
            self._rings()

    def let_in(self) -> None:
        """Whoever is first may go, as far as there is room; else again when there is."""
        while self.waiting and self.free() > 0:
            future = heapq.heappop(self.waiting)[2]
            if not future.done():
                future.set_result(0.0 if self._lasts() else self.resets_at)
                self.running += 1
        if self.waiting and self.alarm is None and (wait := self.resets_at - AHEAD - time.monotonic()) > 0:
            self.alarm = asyncio.get_running_loop().call_later(wait, self._rings)

    def _rings(self) -> None:
        self.alarm = None
        self.let_in()


class ChannelLimits:
    """The buckets of the channels in use; told of the headers by a trace on the library's own session."""

    def __init__(self) -> None:
        self._buckets: Recent[tuple[int, bool], _Bucket] = Recent(MOST_KNOWN)
        self._numbers = count()
        self._margin = MARGIN
        self._way: dict[bool, float] = {}
        """Seconds of the quickest request and its answer, of posts and of edits."""

    def watch(self, trace: aiohttp.TraceConfig) -> None:
        trace.on_request_start.append(self._starts)
        trace.on_request_headers_sent.append(self._sent)
        trace.on_request_end.append(self._ended)

    @contextlib.asynccontextmanager
    async def permit(
        self, channel_id: int, *, posts: bool, rank: int = 0, unless: asyncio.Event | None = None
    ) -> AsyncGenerator[bool]:
        """Room for one request in a channel; until it is there the request itself waits, for at most `AHEAD` seconds.
        False: `unless` was set before.
        """
        bucket = self._bucket(channel_id, posts=posts)
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(bucket.waiting, (rank, next(self._numbers), future))
        bucket.let_in()
        granted = _granted.set(None)
        try:
            if not future.done() and unless is not None:
                over = asyncio.create_task(unless.wait())
                await asyncio.wait({future, over}, return_when=asyncio.FIRST_COMPLETED)
                over.cancel()
            elif not future.done():
                await future
            if future.done():
                _granted.set(future.result())
            yield future.done()
        finally:
            _granted.reset(granted)
            if future.done() and not future.cancelled():
                bucket.running -= 1
            future.cancel()
            bucket.let_in()

    def grows(self, channel_id: int) -> None:
        """A message stands that will want a last edit; until `grew`."""
        self._bucket(channel_id, posts=False).growing += 1

    def grew(self, channel_id: int) -> None:
        self._bucket(channel_id, posts=False).growing -= 1

    def spare_at(self, channel_id: int, *, edited_at: float) -> float:
        """Monotonic time before which an edit that is not the last may take the permit of one that is.

        Each growing message has one kept for it, until nothing was seen of this one for `PATIENCE`: then one is enough.
        """
        bucket, now = self._bucket(channel_id, posts=False), time.monotonic()
        patient = now - edited_at < PATIENCE
        if bucket.limit is None or bucket.free() > (bucket.growing if patient else 1):
            return 0.0
        later = [at for at in (bucket.resets_at, edited_at + PATIENCE) if at > now]
        return min(later, default=now + LOOK_AGAIN)

    def _bucket(self, channel_id: int, *, posts: bool) -> _Bucket:
        """One that somebody waits in is the newest, so it is not forgotten."""
        key = (channel_id, posts)
        bucket = self._buckets.get(key) or _Bucket()
        self._buckets.put(key, bucket)
        return bucket

    async def _starts(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, starts: aiohttp.TraceRequestStartParams
    ) -> None:
        """What was made ready before a window's end is sent then, and not a millisecond later, as a timer would be."""
        del session, context, starts
        at = _granted.get() or 0.0
        if (left := at - time.monotonic()) > TIMER:
            await asyncio.sleep(left - TIMER)
        while time.monotonic() < at:  # noqa: ASYNC110 - nobody tells of a moment
            await asyncio.sleep(0)

    async def _sent(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, sent: aiohttp.TraceRequestHeadersSentParams
    ) -> None:
        """Once it has a connection, which may take long."""
        del session, sent
        context.sent_at = time.monotonic()

    async def _ended(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        """A window ends so long after Discord counted a request. That was after it was sent and before it was answered:
        what is sent as long after it was sent needs the same time on its way, so it comes when the window ends, if it
        is not quicker. How much quicker it can be tells the quickest way there and back that was seen: of a busy
        network, or machine, all of a window come late.
        """
        del session
        now, headers = time.monotonic(), ended.response.headers
        found = _MESSAGES.search(ended.url.raw_path) if ended.method in _METHODS else None
        if found is None or "X-RateLimit-Remaining" not in headers:
            return
        with contextlib.suppress(ValueError):
            limit, remaining = int(headers.get("X-RateLimit-Limit", "1")), int(headers["X-RateLimit-Remaining"])
            left = float(headers.get("X-RateLimit-Reset-After", "1"))
            sent_at: float = context.sent_at
            posts, way = ended.method == "POST", now - sent_at
            if ended.response.ok:
                self._way[posts] = way = min(way, self._way.get(posts, way))
            elif ended.response.status == 429:
                self._margin = min(self._margin * 4, MOST_MARGIN)
            self._bucket(int(found[1]), posts=posts).learn(
                limit,
                remaining,
                earliest=sent_at + left,
                latest=now + left - self._way.get(posts, way),
                margin=self._margin,
            )


class _Wakeful(Ratelimit):
    """The library's bucket: who has the last permit hears of the answer at once, and nobody waits too long."""

    _refreshing: asyncio.Task[None] | None = None

    async def _refresh(self) -> None:
        async with self._sleeping:
            if self.expires is not None:
                await asyncio.sleep(self.expires - asyncio.get_running_loop().time())
            self.reset()
        self._wake(self.remaining)

    async def acquire(self) -> None:
        if _granted.get() is None:
            await super().acquire()
            return
        self.remaining -= 1
        self.outgoing += 1

    async def __aexit__(self, *ended: object) -> None:
        del ended
        self.outgoing -= 1
        if self._sleeping.locked():
            return
        free = self.remaining - self.outgoing
        if free <= 0:
            self._refreshing = asyncio.create_task(self._refresh())
        elif self._pending_requests:
            self._wake(free)


def wake_the_library() -> None:
    """Have the library count with `_Wakeful`: it makes its buckets by this name."""
    discord.http.Ratelimit = _Wakeful
