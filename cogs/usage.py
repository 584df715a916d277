"""/usage: credits, one's own, a server's for its managers, all servers' for the bot's owner. Always private."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.ui.commands import localised
from bot.ui.responses import answer
from bot.ui.typing import Bot, Interaction
from bot.ui.usage import mine
from bot.ui.usage_servers import of_all_servers, of_this_server

CHOICES = [
    app_commands.Choice(name=localised("command.usage.mine"), value="mine"),
    app_commands.Choice(name=localised("command.usage.server"), value="server"),
    app_commands.Choice(name=localised("command.usage.everywhere"), value="everywhere"),
]


class Usage(commands.Cog):
    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description=localised("command.usage"))
    @app_commands.describe(whose=localised("command.usage.whose"))
    @app_commands.choices(whose=CHOICES)
    async def usage(self, interaction: Interaction, whose: str = "mine") -> None:
        match whose:
            case "server":
                view, files = await of_this_server(interaction)
            case "everywhere":
                view, files = await of_all_servers(interaction)
            case _:
                view, files = await mine(interaction), []
        await answer(interaction, view, ephemeral=True, files=files)


async def setup(bot: Bot) -> None:
    await bot.add_cog(Usage(bot))
