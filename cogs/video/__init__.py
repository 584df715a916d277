"""/video: one message from the placeholder to the clip."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.video.cog import VideoCog


async def setup(bot: Bot) -> None:
    await bot.add_cog(VideoCog(bot))
