"""/usage, and who is told when credits or the account run low."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.usage.cog import Usage


async def setup(bot: Bot) -> None:
    await bot.add_cog(Usage(bot))
