"""/help: what this person may do here. Always private."""

from __future__ import annotations

from discord import app_commands

from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.responses import answer
from cogs.help.cards import help_card
from cogs.help.service import offered


class Help(FeatureCog):
    @app_commands.command(description=localised("command.help"))
    async def help(self, interaction: Interaction) -> None:
        await answer(interaction, help_card(await offered(interaction)), ephemeral=True)
