"""/privacy, and what is forgotten by itself."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.privacy.cog import Privacy


async def setup(bot: Bot) -> None:
    await bot.add_cog(Privacy(bot))
