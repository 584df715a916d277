"""When to try again: waiting times with jitter, inside a budget, and the Retry-After header."""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long one call is tried again. Seconds; `tries` counts the first one."""

    tries: int = 5
    connect_tries: int = 3
    first_wait: float = 1.0
    longest_wait: float = 16.0
    # What a person is asked to wait in all: longer, and being told to come back later serves them better.
    total_wait: float = 60.0

    def delay(self, *, tries: int, waited: float, floor: float) -> float | None:
        """Seconds to wait after the `tries`-th retry, at least `floor`; None when the budget does not allow it.

        The jitter only ever adds to `floor`: nobody is to come back before the service said so.
        """
        if tries >= self.tries - 1:
            return None
        backoff = min(self.longest_wait, self.first_wait * 2**tries) * random.uniform(0.75, 1.25)
        delay = max(backoff, floor + random.uniform(0.0, min(1.0, floor / 10)))
        return None if waited + delay > self.total_wait else delay


_IS_A_TIME: Final = 1e9
"""Seconds since 1970."""

ONCE = RetryPolicy(tries=1, connect_tries=1)


def parse_retry_after(header: str) -> float | None:
    """Seconds from a Retry-After header, which holds seconds or a time, as an HTTP date mostly; None: neither."""
    header = header.strip()
    try:
        seconds = float(header.removesuffix("s"))
        if seconds > _IS_A_TIME:
            seconds -= time.time()
    except ValueError:
        try:
            when = parsedate_to_datetime(header)
        except ValueError:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
