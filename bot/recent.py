"""What is remembered for a while and no longer: bounded, so that nobody fills the memory by being many."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Generic, TypeVar, cast

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """At most `bound` things; the one that was put longest ago is forgotten first, and each after `seconds`."""

    def __init__(self, bound: int, *, seconds: float = math.inf) -> None:
        self._bound = bound
        self._seconds = seconds
        self._things: dict[K, tuple[V, float]] = {}

    def put(self, key: K, value: V, *, seconds: float | None = None) -> None:
        """Remember `value`, as the newest, in place of what was known by this key; `seconds`: its own life."""
        self._things.pop(key, None)
        while len(self._things) >= self._bound:
            del self._things[next(iter(self._things))]
        self._things[key] = value, time.monotonic() + (self._seconds if seconds is None else seconds)

    def get(self, key: K) -> V | None:
        value, until = self._things.get(key, (None, 0.0))
        return value if until > time.monotonic() else None

    def pop(self, key: K) -> V | None:
        """Forget it; what it was."""
        value = self.get(key)
        self._things.pop(key, None)
        return value

    def items(self) -> Iterator[tuple[K, V]]:
        """Those that still hold, the oldest first. Nothing may be put meanwhile."""
        now = time.monotonic()
        return ((key, value) for key, (value, until) in self._things.items() if until > now)

    def __contains__(self, key: object) -> bool:
        found = self._things.get(cast("K", key))
        return found is not None and found[1] > time.monotonic()
