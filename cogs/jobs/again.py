"""What helps after a picture or video failed, beside Retry: Edit and retry, and a menu of other models.

Each holds only its row's id; the row holds the truth, so they work after a restart.
"""

from __future__ import annotations

import re
from typing import ClassVar, Self

from bot.cards.button_looks import CARD, kind_of
from bot.cards.caller import caller_of
from bot.cards.retries import failed_elsewhere, failed_order, retry_elsewhere, retry_here
from bot.cards.video_form import open_again
from bot.errors import NotAllowed
from bot.generation.ordering.again import Changed
from bot.generation.ordering.orders import Orders
from bot.generation.pauses import place_of
from bot.generation.requests import MADE_FROM, chooses_model
from bot.generation.rows.records import Generation
from bot.i18n import DEFAULT_LOCALE
from bot.kinds import Kind
from bot.kit.again import AgainForm
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton, KeyMenu
from bot.shapes import KNOWN_IMAGE_SIZES, parse_size


async def _retry(interaction: Interaction, order: Generation, changed: Changed) -> None:
    if interaction.message is None:
        raise NotAllowed("error.gone")
    await retry_here(interaction, order, message_id=interaction.message.id, changed=changed)


async def open_form(interaction: Interaction, order: Generation, *, anew: bool = False) -> None:
    """A form with what was asked for in it; `anew`: what is ordered by it is a message of its own."""
    if not order.prompt:
        raise NotAllowed("error.prompt_forgotten")
    await interaction.client.the(Orders).may(caller_of(interaction), kind_of(order))
    if order.kind == Kind.VIDEO:
        await open_again(interaction, order, anew=anew)
        return
    form = EditForm(order.id, anew=anew, locale=interaction.locale)
    await form.fill(interaction.client.the(Orders), order)
    await form.open(interaction)


class EditButton(KeyButton, template=rf"{CARD}:edit"):
    """A form with the words of a failed order in it."""

    async def pressed(self, interaction: Interaction) -> None:
        await open_form(interaction, await failed_order(interaction, self.key))


class ModelMenu(KeyMenu, template=rf"{CARD}:model"):
    """Other models for a failed order: the chosen one is asked at once."""

    async def pressed(self, interaction: Interaction) -> None:
        order = await failed_order(interaction, self.key)
        if not chooses_model(order.parameters) or not (chosen := self.chosen(interaction)):
            raise NotAllowed("error.gone")
        await _retry(interaction, order, Changed(model=chosen[0]))


class SizeButton(KeyButton, template=rf"{CARD}:size:(?P<size>\d{{2,4}}x\d{{2,4}})"):
    """The nearest size to one that the model refused."""

    def __init__(self, custom_id: str, key: int, size: str) -> None:
        super().__init__(custom_id, key)
        self.size = size

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string, int(match["key"]), match["size"])

    async def pressed(self, interaction: Interaction) -> None:
        order = await failed_order(interaction, self.key)
        separator = "*" if order.kind == Kind.VIDEO else "x"
        await _retry(interaction, order, Changed(size=parse_size(self.size, separator=separator)))


class EditForm(AgainForm):
    """The words, model and size of a failed order, to be changed and ordered in its card, or `anew` elsewhere."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"again:(?P<id>\d{1,80})(?P<anew>:anew)?")

    def __init__(self, generation_id: int, *, anew: bool = False, locale: object = DEFAULT_LOCALE) -> None:
        super().__init__(f"again:{generation_id}{':anew' if anew else ''}", locale=locale)
        self.generation_id = generation_id
        self.anew = anew

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]), anew=match["anew"] is not None)

    async def fill(self, orders: Orders, order: Generation) -> None:
        """With what an order of images asked for; a video has a form of its own (`open_form`)."""
        self.ask_words(order.prompt)
        made = MADE_FROM in order.parameters
        if made and "size" not in order.parameters:
            return  # its model is set by moderators, its size is the picture's
        if not made:
            offered = await orders.offered(place_of(order), kind_of(order))
            self.ask_model(order.model, offered, listed=orders.lists(order.model) is not None)
        self.ask_size(str(order.parameters.get("size") or ""), KNOWN_IMAGE_SIZES)

    async def order(self, interaction: Interaction, words: str, *, model: str | None, size: str | None) -> None:
        order = await self._order(interaction)
        separator = "*" if order.kind == Kind.VIDEO else "x"
        made = MADE_FROM in order.parameters
        changed = Changed(
            prompt=words,
            model=None if made else model,
            size=parse_size(size, separator=separator) if size else None,
        )
        if self.anew:
            await retry_elsewhere(interaction, order, changed=changed)
        else:
            await _retry(interaction, order, changed)

    async def _order(self, interaction: Interaction) -> Generation:
        find = failed_elsewhere if self.anew else failed_order
        return await find(interaction, self.generation_id)
