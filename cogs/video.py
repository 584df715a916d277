"""/video: one message from the placeholder to the clip."""

from __future__ import annotations

from collections.abc import Awaitable

from discord import app_commands
from discord.ext import commands

from bot.generation.callers import Caller
from bot.settings.sizes import VIDEO_SIZES, parse_size
from bot.store.generations import Generation
from bot.ui.commands import localised, matching, model_choices
from bot.ui.confirm import place
from bot.ui.typing import Bot, Interaction


class Video(commands.Cog):
    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(description=localised("command.video"))
    @app_commands.describe(
        prompt=localised("command.video.prompt"),
        resolution=localised("command.video.resolution"),
        model=localised("command.model"),
    )
    async def video(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 4000],
        resolution: app_commands.Range[str, 1, 20] | None = None,
        model: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        resources = self.bot.resources
        wanted = parse_size(resolution, separator="*") if resolution else None

        def order(caller: Caller) -> Awaitable[Generation]:
            return resources.orders.video(caller, prompt=prompt, resolution=wanted, model=model)

        await place(interaction, order, resources.deliverer.post)

    @video.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, "video", typed)

    @video.autocomplete("resolution")
    async def resolutions(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        del interaction
        return matching(VIDEO_SIZES, typed)


async def setup(bot: Bot) -> None:
    await bot.add_cog(Video(bot))
