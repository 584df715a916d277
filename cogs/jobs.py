"""/jobs: pictures and videos, what became of them, and what can be done."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.ui.commands import localised
from bot.ui.jobs import Whose, jobs_card
from bot.ui.responses import answer
from bot.ui.typing import Bot, Interaction

CHOICES = [
    app_commands.Choice(name=localised("command.jobs.mine"), value=Whose.MINE.value),
    app_commands.Choice(name=localised("command.jobs.channel"), value=Whose.CHANNEL.value),
    app_commands.Choice(name=localised("command.jobs.server"), value=Whose.SERVER.value),
]


class Jobs(commands.Cog):
    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description=localised("command.jobs"))
    @app_commands.describe(whose=localised("command.jobs.whose"))
    @app_commands.choices(whose=CHOICES)
    async def jobs(self, interaction: Interaction, whose: str = Whose.MINE.value) -> None:
        view = await jobs_card(interaction, Whose(whose))
        await answer(interaction, view, ephemeral=True)


async def setup(bot: Bot) -> None:
    await bot.add_cog(Jobs(bot))
