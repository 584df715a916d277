"""/jam: a group makes one image together."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.jam.cog import Jam


async def setup(bot: Bot) -> None:
    await bot.add_cog(Jam(bot))
