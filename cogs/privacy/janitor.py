"""Forgets what was kept long enough: prompts, results, files and jams by each server's `prompt_days`, the counts of
past days, and which events of Discord were acted upon.

Once at the start, then hourly. What is under way is never touched.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from bot.clock import steady
from bot.generation.files.result_files import ResultFiles
from bot.orders import personal
from bot.periods import DAY_SECONDS
from bot.settings.table import PROMPT_DAYS
from bot.store.database import Database, StoreUnavailable
from bot.store.schema import generations, metadata
from cogs.privacy import rows
from cogs.privacy.walk import STEP, ranges

if TYPE_CHECKING:
    from sqlalchemy import Table

log = logging.getLogger(__name__)

ROUND_SECONDS = 3600.0
STEP_OF_OTHERS = 100
"""Rows that are no orders looked at in one transaction: what belongs to a jam are rounds and dozens of ideas."""


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
        forgotten = 0
        async for after, upto in ranges(self._database, generations, STEP):
            ids = await self._forget_words(generations, after, upto, now)
            await self._result_files.forget_all(ids)
            await self._database.run(rows.forget_tokens, after=after, upto=upto, now=min(now, steady()))
            forgotten += len(ids)
        for table in metadata.tables.values():
            if table.info.get("ages") and table is not generations:
                async for after, upto in ranges(self._database, table, STEP_OF_OTHERS):
                    await self._forget_words(table, after, upto, now)
            while table.info.get("over") and await self._database.run(rows.delete_over, table, now=now, limit=STEP):
                pass
        today = int(now // DAY_SECONDS)
        while await self._database.run(personal.forget_accounts, day=today, limit=STEP):
            pass
        if forgotten:
            log.info("forgot the prompts of %s orders", forgotten)
        return forgotten

    async def _forget_words(self, table: Table, after: int, upto: int, now: float) -> list[int]:
        return await self._database.run(rows.forget_words, table, after=after, upto=upto, now=now, days=PROMPT_DAYS)
