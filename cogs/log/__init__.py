"""The log channel of moderators."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.log.cog import Log


async def setup(bot: Bot) -> None:
    await bot.add_cog(Log(bot))
