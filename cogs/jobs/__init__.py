"""/jobs: one's images and videos, what became of them, and what can be done."""

from __future__ import annotations

from bot.kit.bot import Bot
from cogs.jobs.cog import Jobs


async def setup(bot: Bot) -> None:
    await bot.add_cog(Jobs(bot))
