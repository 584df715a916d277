"""“… is typing”, where people wait for words and nothing is posted yet: one for a channel, however many wait there."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING, Final

from bot.kit.responses import PASSING

if TYPE_CHECKING:
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

AGAIN_SECONDS: Final = 8.0
"""Discord shows it for ten, or until the bot posts."""


class Typing:
    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._waiting: Counter[int] = Counter()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def begin(self, channel_id: int) -> None:
        """Somebody waits there, until `end`."""
        self._waiting[channel_id] += 1
        if channel_id not in self._tasks:
            self._tasks[channel_id] = asyncio.create_task(self._type(channel_id))

    def end(self, channel_id: int) -> None:
        self._waiting[channel_id] -= 1
        if self._waiting[channel_id] <= 0:
            del self._waiting[channel_id]
            self._tasks.pop(channel_id).cancel()

    async def _type(self, channel_id: int) -> None:
        while True:
            try:
                await self._bot.http.send_typing(channel_id)
            except PASSING as error:
                log.info("that the bot is typing is not shown in %s: %s", channel_id, error)
            await asyncio.sleep(AGAIN_SECONDS)
