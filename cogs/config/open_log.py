"""A log channel that others than moderators read: whoever sets it is asked first."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card, SafeButton, row
from bot.kit.responses import replace_message
from bot.kit.short_cards import note
from bot.settings import SETTINGS, Scope
from cogs.config import advice, changes
from cogs.config.cards import outcome


def open_log_question(interaction: Interaction, open_: changes.ReadByOthers) -> Card:
    """Who would read the log channel, and the button that sets it all the same."""
    locale = locale_of(interaction.locale)
    said: ui.TextDisplay[Any] = ui.TextDisplay(advice.open_log(locale, open_.channel_id, open_.readers))
    return Card(said, row(OpenLogButton(open_.scope, open_.channel_id, locale=locale)))


class OpenLogButton(
    SafeButton, template=r"config:open:(?P<scope>channel|category|server):(?P<channel>\d{1,19})(?::[01])?"
):
    """Sets a log channel that others read. The last number of an older one told whether it stood in a panel."""

    def __init__(self, scope: Scope, channel_id: int, *, locale: str = DEFAULT_LOCALE) -> None:
        label, custom_id = text(locale, "button.log_anyway"), f"config:open:{scope}:{channel_id}"
        super().__init__(ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=custom_id))
        self.scope, self.channel_id = scope, channel_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(Scope(match["scope"]), int(match["channel"]))

    async def pressed(self, interaction: Interaction) -> None:
        typed = f"<#{self.channel_id}>"
        made = await changes.change(interaction, SETTINGS[changes.LOG], self.scope, typed, confirmed=True)
        await replace_message(interaction, note("\n".join(outcome(locale_of(interaction.locale), made))))
