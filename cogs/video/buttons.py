"""Presses that ask for a video: under an image, and under a video that is there."""

from __future__ import annotations

from typing import Any

from discord import ui

from bot.cards.button_looks import CARD
from bot.cards.caller import caller_of
from bot.cards.image_pressed import ImageButton, for_one
from bot.cards.row_pressed import row_in_view
from bot.cards.video_form import Asks, Filled, filled_by, open_animate, prices_of, video_form
from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.generation.ordering.video import animates_with, longer, refuse_extending
from bot.generation.ordering.videos import Videos, clip_seconds, goes_on_with
from bot.generation.requests import Role, chooses_model, roles_of, takes_shape
from bot.generation.rows.records import Generation
from bot.i18n import locale_of
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton
from bot.orders.policy import Rules
from bot.states import SHOWN
from bot.store.database import Database


class AnimateButton(ImageButton, template=for_one("animate")):
    """Asks for the movement in one image of a card."""

    async def pressed(self, interaction: Interaction) -> None:
        row = await row_in_view(interaction, self.key)
        if row.kind != Kind.IMAGE or row.state not in SHOWN or not 1 <= self.number <= row.count:
            raise NotAllowed("error.gone")
        await open_animate(interaction, row, self.number)


class ExtendButton(KeyButton, template=rf"{CARD}:extend"):
    """Asks what happens next in the clip."""

    async def pressed(self, interaction: Interaction) -> None:
        row, rules = await _shown_video(interaction, self.key)
        the, locale = interaction.client.the, locale_of(interaction.locale)
        seconds = await the(Database).run(clip_seconds, row)
        refuse_extending(seconds, None)
        await the(Videos).refuse_extending(caller_of(interaction), row)
        model = goes_on_with(row) or rules.made_with("animate_model")
        asks = Asks(
            title="form.extend",
            words="form.next",
            help_="form.next_help",
            files=None,
            shape=False,
            longer_than=seconds or 0,
            prices=prices_of(rules, model, locale),
        )
        filled = Filled(seconds=longer(seconds), quality=filled_by(row).quality)
        await video_form(f"extend:{row.id}", locale, asks, filled).open(interaction)


class EditPromptButton(KeyButton, template=rf"{CARD}:change"):
    """All that was asked for, to be changed; what is made of it is another video."""

    async def pressed(self, interaction: Interaction) -> None:
        row, rules = await _shown_video(interaction, self.key)
        locale = locale_of(interaction.locale)
        if not row.prompt:
            raise NotAllowed("error.prompt_forgotten")
        roles = roles_of(row.parameters)
        usual = animates_with(rules, roles) or str(rules.value("video_model"))
        asks = Asks(
            title="form.edit_prompt",
            files=None if Role.CLIP in roles else "form.video_files",
            shape=takes_shape(row.parameters),
            prices=prices_of(rules, row.model, locale),
        )
        model = row.model if row.model != usual and chooses_model(row.parameters) else None
        filled = filled_by(row, model=model, private=row.private)
        await video_form(f"video:edit:{row.id}", locale, asks, filled).open(interaction)


async def _shown_video(interaction: Interaction, key: int) -> tuple[Generation, Rules]:
    """And the rules of this place. NotAllowed: it is none, or not for this person to order by."""
    row = await row_in_view(interaction, key)
    if row.kind != Kind.VIDEO or row.state not in SHOWN:
        raise NotAllowed("error.gone")
    return row, await interaction.client.the(Orders).may(caller_of(interaction), Kind.VIDEO, asked_by=row.person_id)


VIDEO_BUTTONS: tuple[type[ui.DynamicItem[Any]], ...] = (AnimateButton, ExtendButton, EditPromptButton)
