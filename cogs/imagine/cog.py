"""/imagine: pictures from a prompt, in one card."""

from __future__ import annotations

from collections.abc import Awaitable

from discord import app_commands

from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.model_choices import model_choices
from bot.generation.orders import Orders
from bot.generation.records import Generation
from bot.i18n import locale_of
from bot.kinds import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.shape_choices import shape_choices
from bot.orders.callers import Caller
from bot.shapes import IMAGE_SIZES, LONG_SIZES, parse
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
        shape=localised("command.imagine.shape"),
        model=localised("command.model"),
    )
    async def imagine(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 4000],
        count: app_commands.Range[int, 1, 4] = 1,
        shape: app_commands.Range[str, 1, 20] | None = None,
        model: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        the = self.bot.the
        size = parse(shape).image_size() if shape else None

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Orders).image(caller, prompt=prompt, count=count, size=size, model=model)

        await submit(interaction, order, the(CardDeliverer).post)

    @imagine.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, Kind.IMAGE, typed)

    @imagine.autocomplete("shape")
    async def shapes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return shape_choices(locale_of(interaction.locale), typed, IMAGE_SIZES, LONG_SIZES)
