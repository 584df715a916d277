"""What Discord's headers leave of each interaction token's bucket.

The library sleeps inside a token's lock when its bucket is empty, so the last permit would make the final edit late:
who edits a growing message asks here first. The headers are read by a trace on the library's own session.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import aiohttp

from bot.recent import Recent

_KEPT = 2048


class TokenLimits:
    """The buckets of the tokens in use; `trace()` goes into the client's `http_trace`."""

    def __init__(self) -> None:
        self._buckets: Recent[str, tuple[int, float]] = Recent(_KEPT)

    def trace(self) -> aiohttp.TraceConfig:
        config = aiohttp.TraceConfig()
        config.on_request_end.append(self._ended)
        return config

    def hold_until(self, token: str) -> float:
        """Monotonic time before which only a final edit may be sent: the last permit is kept for it."""
        remaining, resets_at = self._buckets.get(token) or (2, 0.0)
        return resets_at if remaining <= 1 else 0.0

    async def _ended(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        del session, context
        remaining = ended.response.headers.get("X-RateLimit-Remaining")
        if remaining is None:
            return
        _, found, rest = ended.url.raw_path.partition("/webhooks/")
        if not found:
            return
        token = rest.split("/", 2)[1]
        try:
            reset_after = float(ended.response.headers.get("X-RateLimit-Reset-After", "1"))
            self._buckets.put(token, (int(remaining), time.monotonic() + reset_after), seconds=reset_after)
        except ValueError:
            return
