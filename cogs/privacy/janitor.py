"""Forgets what was kept long enough: prompts, results, files and jams by each server's `prompt_days`, the counts of
past days, and which events of Discord were acted upon.

Once at the start, then hourly. What is under way is never touched.
"""

from __future__ import annotations

import asyncio
import logging
import time

from bot.clock import steady
from bot.generation.result_files import ResultFiles
from bot.orders import daily_rows as daily
from bot.orders.ledger import DAY_SECONDS
from bot.settings.table import PROMPT_DAYS
from bot.store import events, questions
from bot.store.database import Database, StoreUnavailable
from cogs.privacy import jam_rows as privacy_jams
from cogs.privacy import rows as privacy

log = logging.getLogger(__name__)

ROUND_SECONDS = 3600.0
STEP = 2000
"""Orders looked at in one transaction: some milliseconds, which is what a command may have to wait."""
STEP_OF_JAMS = 100
"""Jams forgotten in one: each has some rounds and dozens of ideas."""


class Janitor:
    """`run()` for as long as the process lives."""

    def __init__(self, database: Database, result_files: ResultFiles) -> None:
        self._database = database
        self._result_files = result_files

    async def run(self) -> None:
        """A round an hour. What goes wrong in one is logged, and the next one comes."""
        while True:
            try:
                await self.round(now=time.time())
            except StoreUnavailable as error:
                log.error("the janitor waits for the database: %s", error)  # noqa: TRY400 - expected: no trace
            except Exception:
                log.exception("a round of the janitor failed; the next one comes")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self, *, now: float) -> int:
        """Forget what is due at `now` (Unix seconds); how many orders it were."""
        after, forgotten = 0, 0
        while (upto := await self._database.run(privacy.next_range, after=after, size=STEP)) is not None:
            ids = await self._database.run(privacy.forget_prompts, after=after, upto=upto, now=now, days=PROMPT_DAYS)
            await self._result_files.forget_all(ids)
            await self._database.run(privacy.forget_tokens, after=after, upto=upto, now=min(now, steady()))
            after, forgotten = upto, forgotten + len(ids)
        while await self._database.run(privacy_jams.forget_old, now=now, days=PROMPT_DAYS, limit=STEP_OF_JAMS):
            pass
        today = int(now // DAY_SECONDS)
        await self._database.run(daily.forget_before, today)
        await self._database.run(questions.forget_old, now=now)
        while await self._database.run(privacy.forget_accounts, day=today, limit=STEP):
            pass
        while await self._database.run(events.forget, before=now - events.KEPT_SECONDS, limit=STEP):
            pass
        if forgotten:
            log.info("forgot the prompts of %s orders", forgotten)
        return forgotten
