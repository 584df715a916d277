"""/settings: what each person chooses for themselves."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.settings.cog import Settings


async def setup(bot: Bot) -> None:
    await bot.add_cog(Settings(bot))
