"""/config and /setup: what moderators set, for a channel, a category or the server."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.config.cog import Config
from cogs.config.setup_cog import Setup


async def setup(bot: Bot) -> None:
    await bot.add_cog(Config(bot))
    await bot.add_cog(Setup(bot))
