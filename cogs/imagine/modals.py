"""Forms with a prompt in them, for what is made of pictures and of messages."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import ClassVar, Self

from bot.cards.confirm import submit
from bot.cards.deliverer import CardDeliverer
from bot.cards.row_pressed import row_in_view
from bot.generation.orders import Orders
from bot.generation.records import Generation
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import SafeForm, text_input
from bot.kit.text_modals import WrittenForm
from bot.orders.callers import Caller
from bot.orders.policy import refuse_blank
from cogs.imagine.made_before import place_once
from cogs.imagine.orders import Children
from cogs.imagine.selections import chosen_again


class PromptForm(WrittenForm):
    """One input for a prompt, filled with what there is. Subclasses order what it is for."""

    name = "prompt"
    title_key: ClassVar[str]
    help_key: ClassVar[str]

    def __init__(self, custom_id: str, *, prompt: str = "", locale: object = DEFAULT_LOCALE) -> None:
        language = locale_of(locale)
        super().__init__(title=text(language, self.title_key), custom_id=custom_id)
        label, help_ = text(language, "form.prompt"), text(language, self.help_key)
        self.add_item(text_input(self.name, label, help_, present=prompt))

    async def order(self, interaction: Interaction, prompt: str) -> None:
        """Place the order and show it."""
        raise NotImplementedError

    async def use(self, interaction: Interaction, typed: str) -> None:
        refuse_blank(typed)
        await self.order(interaction, typed)


class RemixForm(PromptForm):
    """The prompt of a card, to be changed; what is made of it is the card's child."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"remix:(?P<id>\d{1,80})")
    title_key = "form.remix"
    help_key = "form.remix_help"

    def __init__(self, generation_id: int, *, prompt: str = "", locale: object = DEFAULT_LOCALE) -> None:
        super().__init__(f"remix:{generation_id}", prompt=prompt, locale=locale)
        self.generation_id = generation_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def order(self, interaction: Interaction, prompt: str) -> None:
        row = await row_in_view(interaction, self.generation_id)
        the = interaction.client.the

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Children).remix(caller, row.id, prompt=prompt)

        await place_once(interaction, order, private=row.private)


class PictureForm(PromptForm):
    """What is to be changed about a picture that somebody posted. The picture itself is in `Selections`."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"remix:(?P<channel>\d{1,20}):(?P<message>\d{1,20})")
    title_key = "form.remix_picture"
    help_key = "form.remix_picture_help"

    def __init__(self, channel_id: int, message_id: int, *, locale: object = DEFAULT_LOCALE) -> None:
        super().__init__(f"remix:{channel_id}:{message_id}", locale=locale)
        self.channel_id = channel_id
        self.message_id = message_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["channel"]), int(match["message"]))

    async def order(self, interaction: Interaction, prompt: str) -> None:
        the = interaction.client.the
        picked = await chosen_again(interaction, channel_id=self.channel_id, message_id=self.message_id)
        posted = f"{interaction.guild_id or '@me'}/{self.channel_id}/{self.message_id}"

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Children).of_picture(
                caller, prompt=prompt, picture=picked.picture, posted=posted, parent_id=picked.parent_id
            )

        await place_once(interaction, order)


class WordsForm(PromptForm):
    """Words of a message as the prompt of an ordinary order."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"imagine")
    title_key = "form.imagine"
    help_key = "form.imagine_help"

    def __init__(self, *, prompt: str = "", locale: object = DEFAULT_LOCALE) -> None:
        super().__init__("imagine", prompt=prompt, locale=locale)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def order(self, interaction: Interaction, prompt: str) -> None:
        the = interaction.client.the

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Orders).image(caller, prompt=prompt, count=1, size=None, model=None)

        await submit(interaction, order, the(CardDeliverer).post)


PICTURE_FORMS: tuple[type[SafeForm], ...] = (RemixForm, PictureForm, WordsForm)
