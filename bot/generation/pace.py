"""How often, how long, how many: the numbers of durable work, and the pure functions over them."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

RESULT_LINK_SECONDS = 86_400.0
"""Signed result links work for 24 hours where they do not say otherwise (the provider's storage)."""


POLLS_PER_SECOND = 200.0
"""Of all open videos together: half a millisecond of work each makes a tenth of a core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds and counts that rule durable work.

    `soft_seconds`: then the card says that it takes longer than usual. `hard_seconds`: then it is expired.
    `kept_seconds`: how long the files of what could not be delivered are kept for /jobs.
    `tries_to_fetch`: of a result, within `fetch_seconds` from the first to the last, since some stores deny for
    seconds what was just put there. `tries_to_ask`: polls that may fail when a video's time is up.
    `gone_seconds`: how long the service must deny a task before it counts as failed (gateways forget for minutes).
    """

    soft_seconds: float = 1800.0
    hard_seconds: float = 86_400.0
    gone_seconds: float = 300.0
    kept_seconds: float = 7 * 86_400.0
    tries_to_fetch: int = 5
    fetch_seconds: float = 60.0
    tries_to_ask: int = 5
    tries_to_show: int = 6


class Pacer:
    """When each open video is asked after next, so that many of them together stay a bearable load."""

    def __init__(self, base: float) -> None:
        """`base`: seconds between two polls of a young task."""
        self._base = base
        self._open = 0
        self._turn = 0.0

    @contextmanager
    def watching(self) -> Generator[None]:
        """One more task is watched."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    def first(self) -> float:
        """Seconds until the first poll after a restart: all at once would be a blow to the service and to us.

        Each has a turn of its own, so that it does not matter how many more there will be.
        """
        now = time.monotonic()
        self._turn = max(self._turn, now) + 1 / POLLS_PER_SECOND
        return max(self._turn - now, random.uniform(0, min(self._base, 5.0)))

    def next(self, age: float) -> float:
        """Seconds until the next poll of a task `age` seconds old: `base` at first, a twentieth of the age later.

        Never more than a minute (or `base`, if that is longer) unless so many are open that POLLS_PER_SECOND asks
        for more; less a little at random, so that tasks do not march in step.
        """
        interval = max(self._base, min(60.0, age / 20), self._open / POLLS_PER_SECOND)
        return interval * random.uniform(0.85, 1.0)

    def after_failure(self, failures: int) -> float:
        """Seconds until the next poll after `failures` failed ones in a row."""
        return min(60.0, self._base * failures)


def expiry_of(url: str, now: float) -> float:
    """When a signed result link stops working (Unix seconds), read from its query where it says so.

    `Expires` is Alibaba OSS's and older S3's (Unix seconds), `se` Azure's (ISO 8601); `X-Amz-Date` with
    `X-Amz-Expires` is S3's version 4, and others have the same with their own name.
    """
    ends = math.nan
    try:
        query = {key.lower(): values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        if "expires" in query:
            ends = float(query["expires"])
        elif "se" in query and "sig" in query:
            ends = datetime.fromisoformat(query["se"]).timestamp()
        for prefix in ("x-amz", "x-oss", "x-goog", "x-tos", "x-obs"):
            if f"{prefix}-expires" in query:
                signed = datetime.strptime(query[f"{prefix}-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                ends = signed.timestamp() + float(query[f"{prefix}-expires"])
    except (KeyError, ValueError):
        pass
    # What is past, or absurdly far, is no Unix time in seconds, or no expiry at all.
    return ends if now < ends < now + 10 * 366 * RESULT_LINK_SECONDS else now + RESULT_LINK_SECONDS
