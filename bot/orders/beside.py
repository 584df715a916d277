"""Calls beside orders where there is a budget: noted before they are sent, at the most that one was seen to cost.

Mostly moderation is free, and nothing stays of them. Where it is not, what nobody is told of stays on the budget: the
process was killed, the answer never came, or another process reads the log.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from bot.api.moderation import MODEL
from bot.orders import cost_rows
from bot.store.failures import StoreUnavailable

if TYPE_CHECKING:
    from bot.orders.cost_rows import Whose
    from bot.orders.money import Money
    from bot.store.database import Database

log = logging.getLogger(__name__)


class Beside:
    def __init__(self, database: Database, money: Money) -> None:
        self._database = database
        self._money = money

    async def begin(self, whose: Whose) -> int | None:
        """The id of its cost. None: there is no budget that it could pass, or the store can't be had."""
        budget, amount = self._money.budget, self._money.book.aside
        if budget is None:
            return None
        try:
            return await self._database.run(cost_rows.aside, whose, MODEL, amount, budget, time.time(), told=False)
        except StoreUnavailable as error:
            log.warning("a call of moderation is not noted: %s", error)
            return None

    async def called(self, cost_id: int, call: str) -> None:
        """The service answered, and called the request so; "": it does not say."""
        if call:
            await self._change(cost_id, call)

    async def sent_nothing(self, cost_id: int) -> None:
        """It was refused as such, or not sent at all."""
        await self._change(cost_id, None)

    async def _change(self, cost_id: int, call: str | None) -> None:
        try:
            if call is None:
                await self._database.run(cost_rows.sent_nothing, cost_id)
            else:
                await self._database.run(cost_rows.called, cost_id, call)
        except StoreUnavailable as error:
            log.warning("what became of a call of moderation is not noted: %s", error)
