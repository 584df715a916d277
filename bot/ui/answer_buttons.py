"""Stop, under an answer that grows."""

from __future__ import annotations

import re
from typing import Self

import discord
from discord import ui

from bot.i18n import DEFAULT_LOCALE, text
from bot.ui.components import SafeButton
from bot.ui.typing import Interaction


class StopButton(SafeButton, template=r"ask:(?P<key>\d{1,20}):stop"):
    """Ends an answer, for who asked and for moderators. After a restart it mends the message that was left."""

    def __init__(self, key: int, *, locale: str = DEFAULT_LOCALE) -> None:
        label = text(locale, "button.stop")
        super().__init__(ui.Button(label=label, style=discord.ButtonStyle.secondary, custom_id=f"ask:{key}:stop"))
        self.key = key

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["key"]))

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.client.resources.answers.stop(interaction, self.key)
