"""How large a file may be where a card stands."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import discord

from bot.cards.uploads import DEFAULT_UPLOAD_LIMIT
from bot.kit.responses import PASSING, may_pass
from bot.recent import Recent

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

KEPT: Final = 10_000
"""Servers of other processes, and orders, that are remembered."""
SECONDS: Final = 3600.0
"""For so long."""
REFUSED_SECONDS: Final = 300.0
"""And for so long that Discord does not tell."""


class UploadLimits:
    """Of a server that another process knows Discord is asked, and its answer serves for a while."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._known: Recent[int, int] = Recent(KEPT, seconds=SECONDS)
        self._told: Recent[int, int] = Recent(KEPT, seconds=SECONDS)
        """By order: all that is known of direct messages, groups, and servers that the bot is no member of."""

    def told(self, row: Generation, limit: int) -> None:
        """What the order's interaction says of its place, and of its person's subscription."""
        self._told.put(row.id, limit)

    async def of(self, row: Generation) -> int:
        """Bytes that a file may have where `row` is shown."""
        guild = self._bot.get_guild(row.guild_id) if row.guild_id else None
        if guild is not None:
            return guild.filesize_limit
        if not row.guild_id or row.token_only or self._bot.share.is_whole:
            return self._told.get(row.id) or DEFAULT_UPLOAD_LIMIT
        if (known := self._known.get(row.guild_id)) is not None:
            return known
        try:
            guild = await self._bot.fetch_guild(row.guild_id, with_counts=False)
        except PASSING as error:
            log.info("how large a file may be in a server is not known: %s", error, extra=row.logged)
            if isinstance(error, discord.HTTPException) and not may_pass(error):
                self._known.put(row.guild_id, DEFAULT_UPLOAD_LIMIT, seconds=REFUSED_SECONDS)
            return DEFAULT_UPLOAD_LIMIT
        self._known.put(row.guild_id, guild.filesize_limit)
        return guild.filesize_limit
