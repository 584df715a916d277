"""Remove and Report, in a message's menu."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.remove.cog import Remove


async def setup(bot: Bot) -> None:
    await bot.add_cog(Remove(bot))
