"""/settings: a person's own language, whether their answers are private, and when they are notified."""

from __future__ import annotations

from discord import app_commands

from bot.i18n import locale_of
from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.own_choices import Choices
from bot.kit.responses import answer
from cogs.settings.buttons import StopButton
from cogs.settings.cards import overview
from cogs.settings.menus import ChoiceMenu


class Settings(FeatureCog):
    items = (ChoiceMenu, StopButton)

    @app_commands.command(description=localised("command.settings"))
    async def settings(self, interaction: Interaction) -> None:
        chosen = self.bot.the(Choices).of(interaction.user.id)
        await answer(interaction, overview(locale_of(interaction.locale), chosen), ephemeral=True)

    async def on_forgotten(self, person_id: int) -> None:
        self.bot.the(Choices).forget(person_id)
