"""What orders may cost at the service: by the owner's prices, else by the service's own list, kept in memory."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from bot.api.moderation import MODEL as MODERATION_MODEL
from bot.api.money import PriceList, Unit
from bot.errors import ApiError
from bot.money import OwnPrice, Price, price_of
from bot.orders import cost_rows
from bot.periods import DAY_SECONDS

if TYPE_CHECKING:
    from bot.api.client import OneKeyClient
    from bot.kinds import Kind
    from bot.store.database import Database

log = logging.getLogger(__name__)

DEARER_DAYS = 60
"""For so long a model that cost more than was reserved for it is reserved at so much more."""
TOLD_DAYS = 7
"""From an order on, within which what it cost is surely told, even where every process stood still meanwhile."""
FRESH_SECONDS = 3600.0
RECALL_SECONDS = 120.0
"""Between two looks at what models cost: one of several processes reads the service's log."""


class PriceBook:
    """`of` answers from memory. `listed` None: the service tells no prices, or was not asked yet (`asked`)."""

    def __init__(self, own: tuple[OwnPrice, ...], *, every: float = FRESH_SECONDS, after_failure: float = 30.0) -> None:
        self.own = own
        self.unit = Unit()
        self.listed: PriceList | None = None
        self.asked = False
        self.aside = 0
        """The most that a call beside an order was seen to cost, in millionths: of moderation, which mostly is free."""
        self._dearer: dict[str, Fraction] = {}
        self._fresh_until = 0.0
        self._asking = asyncio.Lock()
        self._every = every
        self._after_failure = after_failure

    def of(self, kind: Kind, model: str) -> Price | None:
        """What an order of `kind` costs with `model`; None: nobody says so."""
        own = price_of(self.own, model, kind)
        if own is not None:
            return own
        return self.listed.prices.get(model.lower()) if self.listed is not None else None

    def dearer(self, model: str) -> Fraction:
        """What cost more than was reserved once is reserved at so many times as much from then on; and so is a model of
        which nothing is known yet, at the most of any other: it may be the service's list that is wrong.
        """
        return self._dearer.get(model) or max(self._dearer.values(), default=Fraction(1))

    def recall(self, found: Mapping[str, tuple[int, int]]) -> None:
        """What another process, or one before, has learned: by model the dearest order, and its reserve."""
        for model, (actual, reserved) in found.items():
            self._dearer[model] = max(self._dearer.get(model, Fraction(1)), Fraction(actual, reserved))

    def note_costs(self, found: Mapping[str, tuple[int, int]]) -> dict[str, Fraction]:
        """Models that cost `actual` at most where `reserved` was, by what `dearer` said. How many times as much is
        reserved now, where it is more.
        """
        raised: dict[str, Fraction] = {}
        for model, (actual, reserved) in found.items():
            before = self.dearer(model)
            known = self._dearer.get(model, Fraction(1))
            ratio = self._dearer[model] = max(known, before * Fraction(actual, reserved))
            if ratio > before:
                raised[model] = ratio / before
                log.warning(
                    "%s cost %.3g times what was reserved, so more is reserved from now on; PRICES may say it better",
                    model,
                    float(raised[model]),
                )
        return raised

    async def refresh(self, client: OneKeyClient) -> bool:
        """Ask the service, unless that was done within the hour. False: it can't be reached, and the old list stays."""
        async with self._asking:
            if time.monotonic() < self._fresh_until:
                return True
            try:
                unit = await client.unit()
                listed = await client.prices(unit)
            except ApiError as error:
                log.warning("the service's prices can't be had: %s", error)
                return False
            if not self.asked:
                log.info("the service tells %s prices", "its" if listed is not None else "no")
            self.unit, self.listed, self.asked = unit, listed, True
            self._fresh_until = time.monotonic() + self._every
            return True

    async def run(self, client: OneKeyClient, database: Database) -> None:
        """Keep the list for as long as the process lives."""
        failures, since = 0, int(time.time() // DAY_SECONDS) - DEARER_DAYS
        while True:
            try:
                today = int(time.time() // DAY_SECONDS)
                self.recall(await database.run(cost_rows.dearest, since=since))
                self.aside = max(self.aside, await database.run(cost_rows.most_of, MODERATION_MODEL, since=since))
                since = today - TOLD_DAYS  # what is older is known by now
                well = await self.refresh(client)
            except Exception:
                log.exception("looking at the service's prices failed")
                well = False
            failures = 0 if well else failures + 1
            wait = min(self._every, RECALL_SECONDS)
            if not well:
                wait = min(self._every, self._after_failure * 2.0 ** min(failures - 1, 16))
            await asyncio.sleep(wait * random.uniform(1.0, 1.1))
