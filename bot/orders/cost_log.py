"""What orders really cost, read from the service's log in batches, and joined to them by what it called their calls."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from bot.api.moderation import MODEL as MODERATION_MODEL
from bot.errors import ApiError
from bot.orders import cost_rows
from bot.store.failures import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.api.client import OneKeyClient
    from bot.orders.moderation import Moderation
    from bot.orders.money import Money
    from bot.store.database import Database

log = logging.getLogger(__name__)

EVERY_SECONDS = 120.0
UNTOLD_SECONDS = 3600.0
"""Until it is asked again, after the service said that it has no such log."""
WITHIN_SECONDS = 6 * 3600.0
"""What the log has not told of in this time it does not tell."""
BESIDE_SECONDS = 900.0
"""As of a call of moderation, which mostly is free and not in the log at all."""
BATCH = 200
"""Costs that are written in one transaction."""


class CostLog:
    """`run()` for as long as the process lives. The log is asked once in `every` seconds at most, when it can help."""

    def __init__(
        self,
        client: OneKeyClient,
        database: Database,
        money: Money,
        moderation: Moderation | None = None,
        *,
        every: float = EVERY_SECONDS,
    ) -> None:
        self._client = client
        self._moderation = moderation
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
        beside = dict(self._moderation.calls.items()) if self._moderation is not None else {}
        if not (pending or beside):
            return True
        await self._database.run(cost_rows.forget_free, MODERATION_MODEL, before=time.time() - BESIDE_SECONDS)
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
            dear = await self._database.run(cost_rows.learn, dict(items[first : first + BATCH]))
            await self._reserve_more(dear)
        if found:
            log.info("learned what %s orders cost", len(found))
        if self._moderation is not None:
            told_beside = {call: unit.amount(told[call]) for call in beside.keys() & told.keys()}
            await self._note_beside(self._moderation, told_beside)
        return True

    async def _reserve_more(self, dear: Mapping[str, tuple[int, int]]) -> None:
        """A model that cost more than was reserved may do so again, also in what is under way."""
        raised = self._money.book.note_costs(dear)
        now = time.time()
        for model, factor in raised.items():
            await self._database.run(cost_rows.raise_reserves, model, factor, before=now, since=now - WITHIN_SECONDS)

    async def _note_beside(self, moderation: Moderation, told: Mapping[str, int]) -> None:
        """What calls of moderation cost; mostly nothing."""
        for call, amount in told.items():
            whose = moderation.calls.pop(call)
            if amount and whose is not None:
                self._money.book.aside = max(self._money.book.aside, amount)
                budget, now = self._money.budget, time.time()
                await self._database.run(cost_rows.aside, whose, MODERATION_MODEL, amount, budget, now)
