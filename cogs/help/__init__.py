"""/help: what this person may do here."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.help.cog import Help


async def setup(bot: Bot) -> None:
    await bot.add_cog(Help(bot))
