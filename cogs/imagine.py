"""/imagine: pictures from a prompt, in one card."""

from __future__ import annotations

from collections.abc import Awaitable

from discord import app_commands
from discord.ext import commands

from bot.generation.callers import Caller
from bot.settings.sizes import IMAGE_SIZES, parse_size
from bot.store.generations import Generation
from bot.ui.commands import localised, matching, model_choices
from bot.ui.confirm import place
from bot.ui.typing import Bot, Interaction


class Imagine(commands.Cog):
    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description=localised("command.imagine"))
    @app_commands.describe(
        prompt=localised("command.imagine.prompt"),
        count=localised("command.imagine.count"),
        size=localised("command.imagine.size"),
        model=localised("command.model"),
    )
    async def imagine(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 4000],
        count: app_commands.Range[int, 1, 4] = 1,
        size: app_commands.Range[str, 1, 20] | None = None,
        model: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        resources = self.bot.resources
        wanted = parse_size(size, separator="x") if size else None

        def order(caller: Caller) -> Awaitable[Generation]:
            return resources.orders.image(caller, prompt=prompt, count=count, size=wanted, model=model)

        await place(interaction, order, resources.deliverer.post)

    @imagine.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, "imagine", typed)

    @imagine.autocomplete("size")
    async def sizes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        del interaction
        return matching(IMAGE_SIZES, typed)


async def setup(bot: Bot) -> None:
    await bot.add_cog(Imagine(bot))
