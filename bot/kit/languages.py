"""In which language the bot speaks to somebody who wrote a message: Discord tells it of interactions alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.i18n import locale_of
from bot.recent import Recent

if TYPE_CHECKING:
    import discord

MOST_KNOWN: Final = 10_000
_HAN, _KANA = re.compile("[\u3400-\u9fff]"), re.compile("[\u3040-\u30ff]")


class Languages(Recent[int, str]):
    """By person, as their interactions said."""

    def __init__(self) -> None:
        super().__init__(MOST_KNOWN)

    def of(self, message: discord.Message) -> str:
        """Their own, as far as it is known; else what it is written in; else the server's."""
        known = self.get(message.author.id)
        if known is not None:
            return known
        if _HAN.search(message.content) and not _KANA.search(message.content):
            return "zh_CN"
        return locale_of(message.guild.preferred_locale if message.guild else None)
