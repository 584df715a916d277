"""What the API's client learned about the service, kept over restarts among the bot's single facts."""

from __future__ import annotations

import logging

from bot.store import key_values as facts
from bot.store.database import Database, StoreUnavailable

log = logging.getLogger(__name__)


class Remembered:
    """The `Memory` of `bot/api/memory.py`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, key: str) -> str | None:
        try:
            return await self._database.run(facts.get, key)
        except StoreUnavailable as error:
            log.warning("what is known of the service can't be read: %s", error)
            return None

    async def note(self, key: str, value: str) -> None:
        try:
            await self._database.run(facts.put, key, value)
        except StoreUnavailable as error:
            log.warning("what was learned of the service is not kept: %s", error)
