"""What orders really cost, read from the service's log in batches, and joined to them by what it called their calls."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from bot.errors import ApiError
from bot.orders import cost_rows
from bot.periods import DAY_SECONDS
from bot.store.failures import StoreUnavailable

if TYPE_CHECKING:
    from bot.api.client import OneKeyClient
    from bot.orders.money import Money
    from bot.store.database import Database

log = logging.getLogger(__name__)

EVERY_SECONDS = 120.0
UNTOLD_SECONDS = 3600.0
"""Until it is asked again, after the service said that it has no such log."""
WITHIN_SECONDS = 6 * 3600.0
"""What the log has not told of in this time it does not tell."""
BATCH = 200
"""Costs that are written in one transaction."""


class CostLog:
    """`run()` for as long as the process lives. The log is asked once in `every` seconds at most, when it can help."""

    def __init__(self, client: OneKeyClient, database: Database, money: Money, *, every: float = EVERY_SECONDS) -> None:
        self._client = client
        self._database = database
        self._money = money
        self._every = every

    async def run(self) -> None:
        wait = self._every  # at the start too: the process before may just have asked
        while True:
            await asyncio.sleep(wait)
            wait = self._every
            try:
                if not await self.look():
                    wait = max(self._every, UNTOLD_SECONDS)
            except (ApiError, StoreUnavailable) as error:
                log.info("what orders cost can't be had now: %s", error)
            except Exception:
                log.exception("joining the costs of orders failed")

    async def look(self) -> bool:
        """Ask once, if anything is to be learned. False: the service does not tell."""
        pending = await self._database.run(cost_rows.pending, since=time.time() - WITHIN_SECONDS)
        if not pending:
            return True
        told = await self._client.costs()
        if told is None:
            return False
        if not await self._money.book.refresh(self._client):
            return True  # what it counts in is not known now
        unit = self._money.book.unit
        found: dict[int, int] = {}
        for call in pending.keys() & told.keys():
            found[pending[call]] = found.get(pending[call], 0) + unit.amount(told[call])
        items = list(found.items())
        for first in range(0, len(items), BATCH):
            await self._database.run(cost_rows.learn, dict(items[first : first + BATCH]))
        if found:
            log.info("learned what %s orders cost", len(found))
            yesterday = int(time.time() // DAY_SECONDS) - 1
            dearer = await self._database.run(cost_rows.dearer, since=yesterday)
            self._money.book.note_dearer(dearer)
        return True
