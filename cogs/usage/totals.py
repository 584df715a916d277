"""Keeps the totals of what is final."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from cogs.usage import total_rows

if TYPE_CHECKING:
    from bot.store.database import Database

EVERY_SECONDS: Final = 1800.0
PAUSE_SECONDS: Final = 0.1


async def keep(database: Database) -> None:
    """For as long as the process lives; of several, one's work."""
    while True:
        more = await database.run(total_rows.add_next, now=time.time())
        await asyncio.sleep(PAUSE_SECONDS if more else EVERY_SECONDS)
