"""Tells the bot's owner, once, when the service's account has less than LOW_BALANCE; where the service tells it."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from bot.errors import ApiError
from bot.i18n import DEFAULT_LOCALE, text
from bot.store import key_values as facts
from bot.store.failures import StoreUnavailable

if TYPE_CHECKING:
    from bot.api.client import OneKeyClient
    from bot.kit.owner_alerts import OwnerAlerts
    from bot.store.database import Database

log = logging.getLogger(__name__)

TOLD_FACT = "low_balance_told"
"""Remembered over restarts: who has been told once knows it."""


class BalanceWatch:
    """`run()` for as long as the process lives. `threshold` None: nothing is asked for.

    `every`: seconds between two looks, a tenth more or less. `untold`: while the service does not tell.
    """

    def __init__(
        self,
        client: OneKeyClient,
        database: Database,
        alerts: OwnerAlerts,
        threshold: float | None,
        *,
        every: float = 3600.0,
        untold: float = 86_400.0,
    ) -> None:
        self._client = client
        self._database = database
        self._alerts = alerts
        self._threshold = threshold
        self._every = every
        self._untold = untold

    async def run(self) -> None:
        """Look at once and then for ever. An outage is the models' list to speak of, not this."""
        if self._threshold is None:
            return
        while True:
            wait = self._every
            try:
                wait = self._every if await self.look(self._threshold) else self._untold
            except (ApiError, StoreUnavailable) as error:
                log.debug("the account's balance can't be had: %s", error)
            except Exception:
                log.exception("looking at the account's balance failed")
            await asyncio.sleep(wait * random.uniform(0.9, 1.1))

    async def look(self, threshold: float) -> bool:
        """Ask once, and tell the owner if it is to be told. False: the service does not tell."""
        balance = await self._client.balance()
        if balance is None:
            return False
        told = await self._database.run(facts.get, TOLD_FACT) == "yes"
        low = balance.left is not None and balance.left < threshold
        if low and not told:
            said = text(DEFAULT_LOCALE, "owner.low_balance", left=f"{balance.left:,.2f}", threshold=f"{threshold:g}")
            if await self._alerts.tell(TOLD_FACT, said):
                await self._database.run(facts.put, TOLD_FACT, "yes")
        elif told and not low:
            await self._database.run(facts.put, TOLD_FACT, "no")
        return True
