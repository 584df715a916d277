"""/imagine: pictures from a prompt, in one card."""

from __future__ import annotations

from collections.abc import Awaitable

from discord import app_commands

from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.model_choices import model_choices
from bot.generation.orders import Orders
from bot.generation.rows import Generation
from bot.kinds import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised, matching
from bot.orders.callers import Caller
from bot.settings.sizes import IMAGE_SIZES, parse_size
from cogs.imagine.buttons import PICTURE_BUTTONS
from cogs.imagine.context_menus import remix_picture
from cogs.imagine.modals import PICTURE_FORMS
from cogs.imagine.orders import Children
from cogs.imagine.selections import Selections


class Imagine(FeatureCog):
    items = PICTURE_BUTTONS
    modals = PICTURE_FORMS
    menus = (remix_picture,)
    orders = Kind.IMAGE

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        bot.keep(Children(bot.the(Orders)))
        bot.keep(Selections())

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
        the = self.bot.the
        wanted = parse_size(size, separator="x") if size else None

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Orders).image(caller, prompt=prompt, count=count, size=wanted, model=model)

        await submit(interaction, order, the(CardDeliverer).post)

    @imagine.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, Kind.IMAGE, typed)

    @imagine.autocomplete("size")
    async def sizes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        del interaction
        return matching(IMAGE_SIZES, typed)
