"""/video: one message from the placeholder to the clip."""

from __future__ import annotations

from collections.abc import Awaitable

from discord import app_commands

from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.model_choices import model_choices
from bot.generation.orders import Orders
from bot.generation.records import Generation
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised, matching
from bot.orders.callers import Caller
from bot.shapes import KNOWN_VIDEO_SIZES, parse_size


class Video(FeatureCog):
    orders = Kind.VIDEO

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
        the = self.bot.the
        wanted = parse_size(resolution, separator="*") if resolution else None

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Orders).video(caller, prompt=prompt, resolution=wanted, model=model)

        await submit(interaction, order, the(CardDeliverer).post)

    @video.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, Kind.VIDEO, typed)

    @video.autocomplete("resolution")
    async def resolutions(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        del interaction
        return matching(KNOWN_VIDEO_SIZES, typed)
