"""/ask: questions to a chat model, answered in one message that grows."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.ask.cog import Ask


async def setup(bot: Bot) -> None:
    await bot.add_cog(Ask(bot))
