"""Stop, under an answer that grows."""

from __future__ import annotations

import re
from typing import Self

from bot.i18n import DEFAULT_LOCALE
from bot.kit.bot import Interaction
from bot.kit.components import SafeButton
from cogs.ask.answers import Answers
from cogs.ask.custom_ids import stop_button


class StopButton(SafeButton, template=r"ask:(?P<key>\d{1,20}):stop"):
    """Ends an answer, for who asked and for moderators. After a restart it mends the message that was left."""

    def __init__(self, key: int, *, locale: str = DEFAULT_LOCALE) -> None:
        super().__init__(stop_button(key, locale))
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]))

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.client.the(Answers).stop(interaction, self.key)
