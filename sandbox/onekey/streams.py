"""Server-sent events for many readers at once: one timer for all streams, every piece encoded beforehand.

A task and a timer for each word would cost a shared core more than the bot that is measured on it.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TICK: Final = 0.01


def framed(piece: bytes) -> bytes:
    """One chunk of HTTP's chunked transfer coding."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


class Stream:
    """Pieces for one socket, the first at once and then `rate` a second.

    `done` becomes True when all are written, False when the client hung up.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        pieces: Sequence[bytes],
        *,
        rate: float,
        wrote: Callable[[bytes], None] | None = None,
    ) -> None:
        self._transport = transport
        self._said = pieces
        self._pieces = [framed(piece) for piece in pieces]
        self._wrote = wrote
        self._rate = rate
        self._sent = 0
        self.started_at = time.monotonic()
        self.last_at = self.started_at
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def advance(self, now: float) -> bool:
        """Writes what is due; False when nothing is left to do."""
        if self.done.done():
            return False
        if self._transport.is_closing():
            self.done.set_result(False)
            return False
        due = min(len(self._pieces), int((now - self.started_at) * self._rate) + 1)
        if due > self._sent:
            self._transport.write(b"".join(self._pieces[self._sent : due]))
            if self._wrote is not None:
                self._wrote(b"".join(self._said[self._sent : due]))
            self._sent = due
            self.last_at = now
        if self._sent == len(self._pieces):
            self.done.set_result(True)
            return False
        return True


class Ticker:
    """The one timer. It runs only while there are streams."""

    def __init__(self) -> None:
        self._streams: list[Stream] = []
        self._timer: asyncio.TimerHandle | None = None

    async def play(self, stream: Stream) -> bool:
        """Returns True when the stream is written, False when its client hung up."""
        if stream.advance(time.monotonic()):
            self._streams.append(stream)
            if self._timer is None:
                self._wind()
        return await stream.done

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._streams.clear()

    def _wind(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_TICK, self._tick)

    def _tick(self) -> None:
        now = time.monotonic()
        self._streams = [stream for stream in self._streams if stream.advance(now)]
        self._timer = None
        if self._streams:
            self._wind()
