"""A bot's gateway session, and the websocket it is connected by."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
import zstandard

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.models import Json
    from sandbox.discord.pipeline import Latency
    from sandbox.discord.state import Event

DISPATCH = 0
KEPT_SECONDS = 120.0
"""How long a session without a socket can be resumed (not published; minutes, by observation)."""
REPLAYED = 2000
"""How many events a session keeps for a RESUME."""
SENDS, SEND_SECONDS = 120, 60.0

Compressor = Callable[[bytes], bytes]


def _zlib() -> Compressor:
    stream = zlib.compressobj()
    return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)


def _zstd() -> Compressor:
    stream = zstandard.ZstdCompressor(level=1).compressobj()
    return lambda data: stream.compress(data) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


COMPRESSORS = {"zlib-stream": _zlib, "zstd-stream": _zstd}


@dataclass(eq=False)
class Session:
    """A bot's session on one shard; it outlives its sockets until it is invalidated."""

    id: str
    intents: int
    shard: tuple[int, int]
    sequence: int = 0
    sent: deque[tuple[int, bytes]] = field(default_factory=lambda: deque[tuple[int, bytes]](maxlen=REPLAYED))
    socket: Socket | None = None
    left_at: float | None = None
    """time.monotonic() when its socket was lost; None while it is connected."""
    resumed: int = 0
    """How often it was resumed."""

    def wants(self, event: Event) -> bool:
        if event.intent and not self.intents & event.intent:
            return False
        shard_id, count = self.shard
        return shard_id == (0 if event.guild_id is None else (event.guild_id >> 22) % count)

    def dispatch(self, name: str, data: Json) -> None:
        self.sequence += 1
        raw = orjson.dumps({"op": DISPATCH, "t": name, "s": self.sequence, "d": data})
        self.sent.append((self.sequence, raw))
        if self.socket is not None:
            self.socket.push(raw)


class Socket:
    """One connection. What is pushed leaves in order, each `latency.gateway` after its time."""

    def __init__(
        self, ws: web.WebSocketResponse, request: web.Request, compress: Compressor | None, latency: Latency
    ) -> None:
        self.ws = ws
        self.request = request
        self.session: Session | None = None
        self._compress = compress
        self._latency = latency
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._received: deque[float] = deque(maxlen=SENDS)
        self.task = asyncio.create_task(self._send())

    def push(self, raw: bytes) -> None:
        self._queue.put_nowait((time.monotonic() + self._latency.gateway, raw))

    def push_op(self, op: int, data: object = None) -> None:
        self.push(orjson.dumps({"op": op, "d": data, "s": None, "t": None}))

    def too_fast(self) -> bool:
        """120 events a minute and connection."""
        now = time.monotonic()
        full = len(self._received) == SENDS and now - self._received[0] < SEND_SECONDS
        self._received.append(now)
        return full

    async def close(self, code: int) -> None:
        self.leave()
        await self.ws.close(code=code)

    def abort(self) -> None:
        """Cut the connection without a word."""
        self.leave()
        transport = self.request.transport
        if transport is not None:
            transport.abort()

    def leave(self) -> None:
        if self.session is not None and self.session.socket is self:
            self.session.socket = None
            self.session.left_at = time.monotonic()
        self.task.cancel()

    async def _send(self) -> None:
        while True:
            due, raw = await self._queue.get()
            wait = due - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            try:
                if self._compress is None:
                    await self.ws.send_str(raw.decode())
                else:
                    await self.ws.send_bytes(self._compress(raw))
            except ConnectionError:
                return
