"""/imagine, the buttons under an image, and what a message's menu offers."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.imagine.cog import Imagine


async def setup(bot: Bot) -> None:
    await bot.add_cog(Imagine(bot))
