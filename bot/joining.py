"""What makes a process one of several: its requests wait for its lease, and it has a part of the work."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final

import aiohttp

from bot.kit.own_token import BURST, LATE_SECONDS, REQUESTS_PER_SECOND
from bot.sharding import Sharding
from bot.store import turnstiles
from bot.store.failures import StoreUnavailable
from bot.store.processes import LOOK, WAKE
from bot.store.signals import Signals

if TYPE_CHECKING:
    from types import SimpleNamespace

    from bot.environment import Environment
    from bot.kit.bot import Bot
    from bot.store.database import Database
    from bot.store.membership import Membership

log = logging.getLogger(__name__)

AT_ONCE: Final = 10
"""Turns that are taken at a time, a quarter of a second of them; other processes are to have some, too."""


def fences(membership: Membership | None) -> list[aiohttp.TraceConfig]:
    """What keeps a process that lost its lease from asking for anything; None: nobody can take it."""
    if membership is None:
        return []
    trace = aiohttp.TraceConfig()
    fence(membership, trace)
    return [trace]


def fence(membership: Membership, trace: aiohttp.TraceConfig) -> None:
    """The last thing before a request is sent, after all waiting."""
    trace.on_request_start.append(partial(_hold, membership))


def share(bot: Bot, environment: Environment, database: Database, membership: Membership) -> Sharding:
    """Have a part of the work instead of all of it."""
    signals = bot.the(Signals)
    membership.hear = signals.hear
    signals.on(LOOK, lambda _: membership.nudge())
    signals.on(WAKE, lambda name: database.waking(name).set())
    bot.keep(membership)
    return Sharding(bot, database, membership, environment.shard_count or 1)


class SharedPace:
    """When this process may send a request with the bot's own token, which all processes share."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._line = asyncio.Lock()
        self._waiting = 0
        self._turns: deque[float] = deque()
        self._apart = math.inf
        """How far this process's clock is ahead of the database's, as near as is known."""

    async def __call__(self, interval: float) -> float:
        """As `OwnToken`'s `shared`."""
        self._waiting += 1
        try:
            async with self._line:
                while self._turns and self._turns[0] < time.monotonic() - LATE_SECONDS:
                    self._turns.popleft()  # of a request that was given up
                if not self._turns:
                    await self._take(interval, min(self._waiting, AT_ONCE))
                return self._turns.popleft()
        finally:
            self._waiting -= 1

    async def _take(self, interval: float, count: int) -> None:
        """Take turns for all that wait, in one transaction: one for each would keep other work from the database."""
        burst = BURST if interval <= 1 / REQUESTS_PER_SECOND else 1
        while True:
            asked = time.monotonic()
            try:
                turn = await self._database.run(
                    turnstiles.take, "own token", interval=interval, burst=burst, count=count
                )
            except StoreUnavailable as error:
                log.warning("the turn of a request can't be had from the database: %s", error)
                await asyncio.sleep(1)
                continue
            # Its clock was read between the two, so each time bounds what the clocks can be apart.
            self._apart = min(max(self._apart, asked - turn.now), time.monotonic() - turn.now)
            dues = (max(turn.now, turn.due + number * interval) for number in range(count))
            self._turns.extend(due + self._apart for due in dues)
            return


async def _hold(
    membership: Membership, _: aiohttp.ClientSession, __: SimpleNamespace, starts: aiohttp.TraceRequestStartParams
) -> None:
    """Not so the first answer to an interaction: it is worth nothing later, and Discord takes one only."""
    if not starts.url.path.endswith("/callback"):
        await membership.hold()
