"""Discord's ids: 42 bits of milliseconds since 2015, then a worker, a process and a counter."""

from __future__ import annotations

import time
from datetime import UTC, datetime

EPOCH_MS = 1420070400000


class Snowflakes:
    """Ids that only grow, whatever the system's clock does."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> int:
        made = (int(time.time() * 1000) - EPOCH_MS) << 22
        self._last = max(made, self._last + 1)
        return self._last


def moment(snowflake: int) -> datetime:
    """When an id was made (UTC)."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, tz=UTC)
