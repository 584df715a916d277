"""Rate limits: buckets by route and top-level resource, the global one, and the ban for too many invalid requests.

Shapes: Discord's "Rate Limits" topic. The numbers are not published; these are those seen in its headers, and can be
changed per server. A bucket is a window that opens with its first request.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

VIA = "1.1 google"


@dataclass(frozen=True, slots=True)
class Limit:
    """`requests` per `seconds`. Routes with the same `bucket` name share it (per top-level resource)."""

    requests: int
    seconds: float
    bucket: str


def default_limits() -> dict[str, Limit | None]:
    """By route group (see rest/routes): None is unlimited and carries no headers."""
    token = Limit(5, 5.0, "webhook-token")
    return {
        "interaction.callback": None,
        "webhook.post": token,
        "webhook.patch": token,
        "webhook.delete": token,
        "webhook.get": Limit(5, 5.0, "webhook-get"),
        "message.post": Limit(5, 5.0, "message-post"),
        "message.patch": Limit(5, 5.0, "message-patch"),
        "message.delete": Limit(5, 1.0, "message-delete"),
        "message.get": Limit(5, 5.0, "message-get"),
        "thread.post": Limit(50, 300.0, "thread-post"),
        "thread.member": Limit(5, 5.0, "thread-member"),
        "reaction": Limit(1, 0.25, "reaction"),
        "typing": Limit(5, 5.0, "typing"),
        "commands.write": Limit(5, 20.0, "commands-write"),
        "dm.create": Limit(10, 10.0, "dm-create"),
        "gateway": Limit(2, 5.0, "gateway"),
        "read": Limit(50, 1.0, "read"),
        "cdn": None,
    }


@dataclass(slots=True)
class _Window:
    limit: Limit
    ends: float = 0.0
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limiter says of a request. `retry_after` is set when it is refused (429)."""

    headers: dict[str, str]
    retry_after: float | None = None
    is_global: bool = False


@dataclass(slots=True)
class Limits:
    """All the limits of one server, and what was counted."""

    groups: dict[str, Limit | None] = field(default_factory=default_limits)
    global_per_second: int = 50
    """Requests a second with one bot token; interaction routes do not count."""
    invalid_allowed: int = 10_000
    invalid_seconds: float = 600.0
    enabled: bool = True
    served_429: int = 0
    """Every 429 answered, injected ones too."""
    served: Counter[str] = field(default_factory=Counter[str])
    """Requests by route group."""
    refused: Counter[str] = field(default_factory=Counter[str])
    """429s by route group."""
    clock: Callable[[], float] = time.monotonic
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict[tuple[str, str], _Window])
    _global: dict[str, _Window] = field(default_factory=dict[str, _Window])
    _invalid: deque[float] = field(default_factory=deque[float])

    @property
    def invalid(self) -> int:
        """Invalid requests of the last ten minutes."""
        horizon = time.monotonic() - self.invalid_seconds
        while self._invalid and self._invalid[0] < horizon:
            self._invalid.popleft()
        return len(self._invalid)

    def banned(self) -> bool:
        """True while too many of them were invalid: everything is answered 429 without Via."""
        return self.invalid >= self.invalid_allowed

    def note_answer(self, status: int, *, shared: bool = False) -> None:
        """Count an answer; 401, 403 and 429 (not of a shared limit) are invalid requests."""
        if status == 429:
            self.served_429 += 1
        if status in (401, 403) or (status == 429 and not shared):
            self._invalid.append(time.monotonic())

    def take(self, group: str, resource: str, bot_token: str | None) -> Verdict:
        """Let a request through or not. `resource`: the channel, the server or the token in its path."""
        self.served[group] += 1
        now = self.clock()
        if not self.enabled:
            return Verdict({})
        if bot_token is not None:
            retry_after = self._take_global(bot_token, now)
            if retry_after is not None:
                self.refused[group] += 1
                headers = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
                return Verdict(headers, retry_after, is_global=True)
        limit = self.groups.get(group)
        if limit is None:
            return Verdict({})
        window = self._window(limit, resource, now)
        reset_after = window.ends - now
        if window.used >= window.limit.requests:
            self.refused[group] += 1
            headers = self._headers(window, reset_after) | {"X-RateLimit-Scope": "user"}
            return Verdict(headers, reset_after)
        window.used += 1
        return Verdict(self._headers(window, reset_after))

    def _window(self, limit: Limit, resource: str, now: float) -> _Window:
        window = self._windows.get((limit.bucket, resource))
        if window is None:
            self._forget(now)
            window = self._windows[limit.bucket, resource] = _Window(limit)
        if now >= window.ends:
            window.limit, window.ends, window.used = limit, now + limit.seconds, 0
        return window

    def _take_global(self, token: str, now: float) -> float | None:
        window = self._global.setdefault(token, _Window(Limit(self.global_per_second, 1.0, "global")))
        if now >= window.ends:
            window.ends, window.used = now + 1.0, 0
        if window.used >= self.global_per_second:
            return window.ends - now
        window.used += 1
        return None

    def _headers(self, window: _Window, reset_after: float) -> dict[str, str]:
        limit = window.limit
        return {
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(limit.requests - window.used),
            "X-RateLimit-Reset": f"{time.time() + reset_after:.3f}",
            # Rounded up: who waits exactly this long is let in.
            "X-RateLimit-Reset-After": f"{math.ceil(reset_after * 1000) / 1000:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(limit.bucket.encode(), usedforsecurity=False).hexdigest(),
        }

    def _forget(self, now: float) -> None:
        if len(self._windows) < 4096:
            return
        for key in [key for key, window in self._windows.items() if window.ends < now]:
            del self._windows[key]


def refusal(retry_after: float, *, is_global: bool) -> tuple[dict[str, str | float | bool], dict[str, str]]:
    """Body and headers of a 429."""
    seconds = math.ceil(retry_after * 1000) / 1000
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": is_global}
    return body, {"Retry-After": str(math.ceil(retry_after)), "Via": VIA}
