"""The log channel: no command of its own, it listens to what is ordered."""

from __future__ import annotations

from collections.abc import Sequence

from bot.background import Work
from bot.generation.ordering.orders import Orders
from bot.kit.bot import Bot
from bot.kit.cog import FeatureCog, Submitted
from bot.kit.own_token import OwnToken
from bot.kit.posting import Posting
from cogs.log.service import Logbook


class Log(FeatureCog):
    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        self.logbook = Logbook(bot, bot.the(Orders), Posting(bot, bot.the(OwnToken)))

    def background(self) -> Sequence[Work]:
        return (self.logbook.run,)

    def on_ordered(self, order: Submitted) -> None:
        self.logbook.note(order)

    async def last_words(self, seconds: float) -> None:
        await self.logbook.finish(seconds)
