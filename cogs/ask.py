"""/ask: a question to the channel's chat model, answered in one message that grows."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.commands import localised, model_choices
from bot.ui.typing import Bot, Interaction


class Ask(commands.Cog):
    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description=localised("command.ask"))
    @app_commands.describe(
        prompt=localised("command.ask.prompt"),
        model=localised("command.model"),
        file=localised("command.ask.file"),
        private=localised("command.ask.private"),
    )
    async def ask(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 6000],
        model: app_commands.Range[str, 1, 100] | None = None,
        file: discord.Attachment | None = None,
        private: bool | None = None,  # noqa: FBT001 - a slash command's option
    ) -> None:
        await self.bot.resources.answers.ask(interaction, prompt=prompt, model=model, file=file, private=private)

    @ask.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, "ask", typed)


async def setup(bot: Bot) -> None:
    await bot.add_cog(Ask(bot))
