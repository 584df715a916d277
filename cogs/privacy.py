"""/privacy: what is stored of a person, shown to them and removed for them."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.ui.commands import localised
from bot.ui.privacy import confirmation, send_all
from bot.ui.responses import answer
from bot.ui.typing import Bot, Interaction


class Privacy(commands.GroupCog, group_name="privacy", group_description=localised("command.privacy")):
    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description=localised("command.privacy.show"))
    async def show(self, interaction: Interaction) -> None:
        await send_all(interaction)

    @app_commands.command(description=localised("command.privacy.delete"))
    async def delete(self, interaction: Interaction) -> None:
        await answer(interaction, confirmation(interaction), ephemeral=True)


async def setup(bot: Bot) -> None:
    await bot.add_cog(Privacy(bot))
