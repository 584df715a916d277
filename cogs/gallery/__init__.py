"""/gallery: the images made here, and how they came from each other."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.gallery.cog import Gallery


async def setup(bot: Bot) -> None:
    await bot.add_cog(Gallery(bot))
