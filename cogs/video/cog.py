"""/video: one message from the placeholder to the clip; without words, its form."""

from __future__ import annotations

from collections.abc import Awaitable

import discord
from discord import app_commands

from bot.api.rungs import tier_of
from bot.cards.caller import caller_of
from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.model_choices import model_choices
from bot.cards.video_form import Asks, Filled, prices_of, video_form
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.video import LONGEST, SHORTEST, USUAL_QUALITY, Video, animates_with, written
from bot.generation.ordering.videos import Videos
from bot.generation.requests import Role
from bot.generation.rows.records import Generation
from bot.i18n import locale_of
from bot.kinds import Kind
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.more_lines import lines_of, private_line
from bot.kit.shape_choices import shape_choices
from bot.orders.callers import Caller
from bot.shapes import VIDEO_SIZES, parse
from cogs.video.buttons import VIDEO_BUTTONS
from cogs.video.modals import VIDEO_FORMS, Begun, BegunForms
from cogs.video.reading import files_in, shown


class VideoCog(FeatureCog, name="Video"):
    items = VIDEO_BUTTONS
    modals = VIDEO_FORMS
    orders = Kind.VIDEO

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        bot.keep(BegunForms())

    @app_commands.command(description=localised("command.video"))
    @app_commands.describe(
        prompt=localised("command.video.prompt"),
        image=localised("command.video.image"),
        shape=localised("command.video.shape"),
        seconds=localised("command.video.seconds"),
        model=localised("command.model"),
        private=localised("command.video.private"),
    )
    async def video(  # noqa: PLR0917 - the command's options
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 4000] | None = None,
        image: discord.Attachment | None = None,
        shape: app_commands.Range[str, 1, 30] | None = None,
        seconds: app_commands.Range[int, SHORTEST, LONGEST] | None = None,
        model: app_commands.Range[str, 1, 100] | None = None,
        private: bool | None = None,  # noqa: FBT001 - an option of the command
    ) -> None:
        the = self.bot.the
        asked = Video(
            prompt=prompt or "",
            model=model,
            shape=parse(shape) if shape else None,
            seconds=seconds,
            files=files_in([image] if image is not None else []),
        )
        if prompt is None:
            await self._open(interaction, asked, private)
            return

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Videos).order(caller, asked)

        await submit(interaction, order, shown(asked, the(CardDeliverer).post), private=private)

    async def _open(self, interaction: Interaction, asked: Video, private: bool | None) -> None:  # noqa: FBT001
        """The form, with what was chosen so far in it."""
        the = self.bot.the
        rules = await the(Orders).may(caller_of(interaction), Kind.VIDEO)
        begun = bool(asked.files or private is False)
        if begun:
            the(BegunForms).put((interaction.user.id, interaction.id), Begun(asked, private))
        filled = Filled(
            shape=None if asked.shape is None else written(asked.shape),
            seconds=asked.seconds,
            quality=tier_of(str(rules.value("video_resolution"))),
            more=lines_of({"model": asked.model, "private": private_line(private)}),
            kept=[one.name or "–" for one in asked.files.values()],
        )
        custom_id = f"video:new:{interaction.id}" if begun else "video:new"
        locale = locale_of(interaction.locale)
        model = asked.model or animates_with(rules, asked.files) or str(rules.value("video_model"))
        shape = not {Role.FIRST, Role.CLIP} & asked.files.keys()
        asks = Asks(title="form.video", shape=shape, prices=prices_of(rules, model, locale))
        await video_form(custom_id, locale, asks, filled).open(interaction)

    @video.autocomplete("model")
    async def models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await model_choices(interaction, Kind.VIDEO, typed)

    @video.autocomplete("shape")
    async def shapes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return shape_choices(locale_of(interaction.locale), typed, VIDEO_SIZES[USUAL_QUALITY])
