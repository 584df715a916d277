"""/imagine: images from words and files, in one card."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace

import discord
from discord import app_commands

from bot.cards.caller import caller_of
from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.model_choices import model_choices
from bot.errors import NoModelSet
from bot.generation.ordering.orders import Orders
from bot.generation.rows.records import Generation
from bot.i18n import locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised, matching
from bot.kit.error_path import report
from bot.kit.more_lines import MOST_IMAGES
from bot.kit.shape_choices import shape_choices
from bot.orders.callers import Caller
from bot.settings.styles import styles_at
from bot.shapes import IMAGE_SIZES, LONG_SIZES, parse
from cogs.imagine.buttons import PICTURE_BUTTONS
from cogs.imagine.change import CardForm, PictureForm
from cogs.imagine.context_menus import change_image
from cogs.imagine.drafts import Drafts
from cogs.imagine.modals import ImagineForm, give_back_order, open_form
from cogs.imagine.orders import Children
from cogs.imagine.selections import Selections
from cogs.imagine.wanted import Wanted, given_files


class Imagine(FeatureCog):
    items = PICTURE_BUTTONS
    modals = (ImagineForm, CardForm, PictureForm)
    menus = (change_image,)
    orders = Kind.IMAGE

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        bot.keep(Children(bot.the(Orders)))
        bot.keep(Selections())
        bot.keep(Drafts())

    @app_commands.command(description=localised("command.imagine"))
    @app_commands.describe(
        prompt=localised("command.imagine.prompt"),
        image=localised("command.imagine.image"),
        shape=localised("command.imagine.shape"),
        style=localised("command.imagine.style"),
        count=localised("command.imagine.count"),
        model=localised("command.model"),
        private=localised("command.imagine.private"),
    )
    async def imagine(  # noqa: PLR0917 - a slash command's options
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 4000] | None = None,
        image: discord.Attachment | None = None,
        shape: app_commands.Range[str, 1, 20] | None = None,
        style: app_commands.Range[str, 1, 40] | None = None,
        count: app_commands.Range[int, 1, MOST_IMAGES] = 1,
        model: app_commands.Range[str, 1, 100] | None = None,
        private: bool | None = None,  # noqa: FBT001 - a slash command's option
    ) -> None:
        if shape is not None:
            parse(shape)  # before a form opens, too
        wanted = Wanted(
            shape=shape,
            style=style,
            count=count,
            model=model,
            private=private,
            given=given_files([image]) if image is not None else (),
        )
        if prompt is None:
            draft = None if wanted == Wanted() else interaction.id
            if draft is not None:
                self.bot.the(Drafts).put((interaction.user.id, draft), wanted)
            await open_form(interaction, wanted, draft=draft)
            return
        wanted = replace(wanted, prompt=prompt)

        def order(caller: Caller) -> Awaitable[Generation]:
            return self.bot.the(Children).make(caller, wanted)

        try:
            await submit(interaction, order, self.bot.the(CardDeliverer).post, private=private)
        except NoModelSet as refused:
            # Once one is chosen, nothing is to be typed or uploaded again.
            if await report(interaction, refused):
                await give_back_order(interaction, wanted)

    @imagine.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, Kind.IMAGE, typed)

    @imagine.autocomplete("shape")
    async def shapes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return shape_choices(locale_of(interaction.locale), typed, IMAGE_SIZES, LONG_SIZES)

    @imagine.autocomplete("style")
    async def styles(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        caller = caller_of(interaction)
        rules = await self.bot.the(Orders).rules(caller.place)
        if not caller.may(rules, Kind.IMAGE):
            return []
        known = [(one.name, one.name) for one in styles_at(rules)]
        return matching([(text(locale_of(interaction.locale), "styles.no_style"), "none"), *known], typed)
