"""Faults to order: what should go wrong, on which route, how many times.

A route is a pattern over "METHOD /path" (fnmatch), where the path is the real one without /api/v10 or its template:
"PATCH /webhooks/*/messages/@original", "POST /channels/{channel}/messages", "*".
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

Kind = Literal["rate_limit", "status", "drop", "slow", "expired_token", "hold", "answer"]


@dataclass(slots=True, eq=False)
class Fault:
    """One ordered fault. `applied`: the request takes effect before it goes wrong."""

    kind: Kind
    route: str
    times: int
    status: int = 500
    code: int = 0
    """Discord's own, in the answer's body; 0: "general error"."""
    seconds: float = 0.0
    applied: bool = False
    via: bool = True
    is_global: bool = False
    body: bytes = b""
    content_type: str = "application/json"
    hits: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at the first request that meets it."""
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let held requests go on (kind "hold")."""
        self.released.set()


class Faults:
    """The faults of one server, for REST. Those of the gateway are ordered on `server.gateway`."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._spent: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self.active.append(fault)
        return fault

    def rate_limit(
        self, route: str, *, times: int = 1, retry_after: float = 1.0, via: bool = True, is_global: bool = False
    ) -> Fault:
        """Answer 429; without Via it looks like a ban by Cloudflare."""
        return self.add(Fault("rate_limit", route, times, seconds=retry_after, via=via, is_global=is_global))

    def status(self, route: str, status: int = 500, *, code: int = 0, times: int = 1, applied: bool = False) -> Fault:
        """Answer 500, 502 (as HTML), 503, 504…, or a 4xx with Discord's `code`; `applied`: after it took effect."""
        return self.add(Fault("status", route, times, status=status, code=code, applied=applied))

    def answer(self, route: str, body: bytes, *, content_type: str = "application/json") -> Fault:
        """Answer 200 with a body of one's own."""
        return self.add(Fault("answer", route, 1, body=body, content_type=content_type))

    def drop(self, route: str, *, times: int = 1, applied: bool = False) -> Fault:
        """Cut the connection instead of answering."""
        return self.add(Fault("drop", route, times, applied=applied))

    def slow(self, route: str, seconds: float, *, times: int = 1) -> Fault:
        """Answer late: the request takes effect after `seconds`."""
        return self.add(Fault("slow", route, times, seconds=seconds))

    def expired_token(self, route: str = "* /webhooks/*", *, times: int = 1) -> Fault:
        """Answer 401 / 50027 although the 15 minutes are not over."""
        return self.add(Fault("expired_token", route, times))

    def hold(self, route: str, *, times: int = 1, applied: bool = False) -> Fault:
        """Keep requests waiting until `release()`; `reached` tells that one is there."""
        return self.add(Fault("hold", route, times, applied=applied))

    def clear(self) -> None:
        """Nothing goes wrong any more; held requests go on."""
        for fault in (*self.active, *self._spent):
            fault.release()
        self.active.clear()
        self._spent.clear()

    def take(self, method: str, path: str, template: str) -> Fault | None:
        """The first fault that wants this request; it counts as one of its times."""
        for fault in self.active:
            if fnmatchcase(f"{method} {path}", fault.route) or f"{method} {template}" == fault.route:
                fault.hits += 1
                fault.times -= 1
                if fault.times <= 0:
                    self.active.remove(fault)
                    self._spent.append(fault)
                fault.reached.set()
                return fault
        return None
