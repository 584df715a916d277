"""/jam: a group makes one picture together."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.jam.merge import STYLE_MOST, THEME_MOST
from bot.ui.commands import localised
from bot.ui.jam.opening import open_jam
from bot.ui.typing import Bot, Interaction

MINUTES = 30
"""How long a jam goes on where nobody says otherwise."""


@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class Jam(commands.GroupCog, group_name="jam", group_description=localised("command.jam")):
    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description=localised("command.jam.start"))
    @app_commands.describe(
        theme=localised("command.jam.theme"),
        minutes=localised("command.jam.minutes"),
        style=localised("command.jam.style"),
    )
    async def start(
        self,
        interaction: Interaction,
        theme: app_commands.Range[str, 1, THEME_MOST],
        minutes: app_commands.Range[int, 5, 180] = MINUTES,
        style: app_commands.Range[str, 1, STYLE_MOST] | None = None,
    ) -> None:
        await open_jam(interaction, theme=theme, style=style, minutes=minutes)


async def setup(bot: Bot) -> None:
    await bot.add_cog(Jam(bot))
