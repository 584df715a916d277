"""Whether the running bot works, which is more than that its process is up: each check says what is wrong."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from bot.gateway import Heartbeats
from bot.store import key_values as facts
from bot.store.database import Database, StoreUnavailable

if TYPE_CHECKING:
    from bot.generation.work.claims import Claims
    from bot.kit.bot import Bot

Check: TypeAlias = "Callable[[], Awaitable[str | None]]"
"""What is wrong; None: nothing."""

HEARTBEAT_SECONDS: Final = 60.0
"""Discord asks for one each 41 s: without an answer for longer than this the connection is dead, whatever it looks."""
ROUND_SECONDS: Final = 45.0
"""The scheduler of generations makes a round each 30 s."""
WRITE_SECONDS: Final = 5.0
WRITTEN_SECONDS: Final = 5.0
"""How long one write speaks for the database, however often it is asked."""
WRITTEN_FACT: Final = "health_written_at"


class Health:
    """Its checks are there as soon as what they look at is."""

    def __init__(self) -> None:
        self.checks: Mapping[str, Check] = {"start": _starting}

    async def wrong(self) -> dict[str, str | None]:
        """Each check with what is wrong; None: nothing is."""
        return dict(zip(self.checks, await asyncio.gather(*(check() for check in self.checks.values())), strict=True))


async def _starting() -> str | None:
    return "still starting: the database is not open yet"


def of_gateway(bot: Bot) -> Check:
    """Whether Discord acknowledged a heartbeat of each of this process's shards, a moment ago."""
    heartbeats = Heartbeats()

    async def check() -> str | None:
        if not bot.is_ready():
            return "not connected to Discord yet"
        late = {shard: age for shard, age in heartbeats.ages(bot).items() if age >= HEARTBEAT_SECONDS}
        if not late:
            return None
        shard, age = max(late.items(), key=lambda one: one[1])
        since = "" if math.isinf(age) else f" for {age:.0f} s"
        return f"{len(late)} of {len(bot.shards)} shards: no heartbeat acknowledged{since} (shard {shard})"

    return check


def of_database(database: Database, *, clock: Callable[[], float] = time.monotonic) -> Check:
    """Whether it takes a write. However many ask, one is under way at a time."""
    writing: asyncio.Task[None] | None = None
    written = (-math.inf, "")

    async def check() -> str | None:
        nonlocal writing, written
        if clock() - written[0] < WRITTEN_SECONDS:
            return written[1] or None
        if writing is None:
            writing = asyncio.create_task(database.run(facts.put, WRITTEN_FACT, f"{time.time():.0f}"))
        done, _ = await asyncio.wait([mine := writing], timeout=WRITE_SECONDS)
        if not done:
            return f"takes no write within {WRITE_SECONDS:.0f} s"
        writing, error = None, mine.exception()
        if error is not None and not isinstance(error, StoreUnavailable):
            raise error
        written = clock(), str(error or "")
        return written[1] or None

    return check


def of_orders(claims: Claims, *, clock: Callable[[], float] = time.monotonic) -> Check:
    """Whether the loop goes on that begins videos and takes up what stumbled."""

    async def check() -> str | None:
        if claims.moved_at is None:
            return "what the last process left is being taken over"
        age = clock() - claims.moved_at
        return None if age < ROUND_SECONDS else f"the scheduler made no round for {age:.0f} s"

    return check
