"""Change: words for an image that is there, alone or together with others; for one of a card's, or of any message."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Sequence
from typing import Any, ClassVar, Self

import discord
from discord import ui
from sqlalchemy import Connection

from bot.cards.caller import caller_of
from bot.cards.image_pressed import files_pressed, result_at
from bot.cards.row_pressed import row_in_view
from bot.cards.sources import files_of_card, is_image, source_of
from bot.errors import BadValue, NotAllowed
from bot.generation.ordering.orders import Orders
from bot.generation.rows import generations, queries, result_rows
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import Generation
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.commands import CHOICES
from bot.kit.components import file_input, filled_in, text_input
from bot.kit.returning_forms import HELP_LIMIT, ReturningForm, files_of
from bot.kit.shape_choices import shape_input
from bot.kit.titles import prompt_title
from bot.orders.callers import Caller
from bot.orders.policy import refuse_blank
from bot.shapes import IMAGE_SIZES
from bot.states import SHOWN, State
from bot.store.database import Database
from bot.text import shorten
from cogs.imagine.made_before import place_once
from cogs.imagine.modals import FILES, SHAPE
from cogs.imagine.orders import Children
from cogs.imagine.selections import Pick, Picked, Selections, chosen_again, pick
from cogs.imagine.wanted import Of, Wanted, given_files

WHICH, WITH = "which", "with"
MOST_CHANGED, MOST_WITH, MOST_FILES = 4, 3, 2
"""Images of the message, others of the channel, and files: the service takes nine together."""
TITLE_LIMIT = 45
"""Characters of a form's title (Discord)."""
LOOKED_AT = 60
"""The newest orders of a channel, among which its images are looked for."""


class ChangeForm(ReturningForm):
    """What is to be changed, of which images, together with which others. Subclasses know the images."""

    name: ClassVar[str] = "prompt"

    def __init__(self, custom_id: str, *, locale: object = DEFAULT_LOCALE) -> None:
        self.language = locale_of(locale)
        super().__init__(title=text(self.language, "form.change"), custom_id=custom_id)

    def fill(self, names: Sequence[str], newest: Sequence[tuple[Generation, int]]) -> None:
        """`names`: of the images to choose from, and of the one that is changed, where it has one; `newest`: images
        that may go along.
        """
        locale = self.language
        if len(names) == 1:
            self.title = shorten(text(locale, "form.change_one", image=names[0]), TITLE_LIMIT)
        self.add_item(text_input(self.name, text(locale, "form.prompt"), text(locale, "form.change_help")))
        if len(names) > 1:
            labels = [text(locale, "form.image_n", number=number, name=name) for number, name in enumerate(names, 1)]
            options = [
                discord.SelectOption(label=shorten(label, 100), value=str(index), default=not index)
                for index, label in enumerate(labels)
            ]
            self._menu(WHICH, "form.which", "form.which_help", options, least=1, most=MOST_CHANGED)
        if newest:
            options = [
                discord.SelectOption(label=self._named(row, position), value=f"{row.id}:{position + 1}")
                for row, position in newest
            ]
            self._menu(WITH, "form.with", "form.with_help", options, least=0, most=MOST_WITH)
        help_ = text(locale, "form.files_help", most=MOST_FILES)[:HELP_LIMIT]
        self.add_item(file_input(FILES, text(locale, "form.files"), help_, most=MOST_FILES))
        otherwise = text(locale, "form.shape_of_image")
        self.add_item(shape_input(SHAPE, locale, IMAGE_SIZES, present=None, otherwise=otherwise))

    def _menu(
        self, name: str, label: str, help_: str, options: list[discord.SelectOption], *, least: int, most: int
    ) -> None:
        most = min(most, len(options))
        menu: ui.Select[Any] = ui.Select(
            custom_id=name, options=options, min_values=least, max_values=most, required=bool(least)
        )
        described = text(self.language, help_, most=most)
        self.add_item(ui.Label(text=text(self.language, label), description=described, component=menu))

    def _named(self, row: Generation, position: int) -> str:
        number = f" · {position + 1}" if row.count > 1 else ""
        return shorten(f"#{row.id}{number} · {prompt_title(row.prompt, self.language, 80)}", 100)

    def usable(self, files: Sequence[discord.Attachment]) -> Sequence[discord.Attachment]:
        return [one for one in files if is_image(one)]

    async def images(self, interaction: Interaction) -> Sequence[Picked]:
        """Those to choose from. NotAllowed: they are nowhere any more, or not to be seen."""
        raise NotImplementedError

    def posted(self, interaction: Interaction) -> str | None:
        """The message that they stand in, where that is no card."""
        del interaction

    async def use(self, interaction: Interaction, typed: str) -> None:
        refuse_blank(typed)
        the, filled = interaction.client.the, filled_in(interaction)
        images = await self.images(interaction)
        chosen = [
            images[int(index)] for index in filled.get(WHICH, ["0"]) if index.isdecimal() and int(index) < len(images)
        ]
        if not chosen:
            raise NotAllowed("error.gone")
        chosen += await asyncio.gather(*(_of_card(interaction, value) for value in filled.get(WITH, [])[:MOST_WITH]))
        of_cards = [(one.parent, one.file) for one in chosen if one.parent is not None]
        given = [one for one in chosen if one.parent is None]
        of = Of(
            action="edit",
            parents=[parent for parent, _ in of_cards],
            files=[file for _, file in of_cards],
            posted=self.posted(interaction) if given else None,
        )
        wanted = Wanted(
            prompt=typed,
            shape=next(iter(filled.get(SHAPE, [])), None),
            given=[*given, *given_files(files_of(interaction))],
            private=await self.private(interaction),
        )

        def order(caller: Caller) -> Awaitable[Generation]:
            return the(Children).make(caller, wanted, of)

        await place_once(interaction, order, private=wanted.private)

    async def private(self, interaction: Interaction) -> bool | None:
        """Whether what is made is seen by its person alone; None: as it is set here."""
        del interaction
        return None


class CardForm(ChangeForm):
    """Of one image of a card."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"change:(?P<id>\d{1,80}):(?P<number>\d{1,3})")

    def __init__(self, generation_id: int, number: int, *, locale: object = DEFAULT_LOCALE) -> None:
        super().__init__(f"change:{generation_id}:{number}", locale=locale)
        self.generation_id = generation_id
        self.number = number

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]), int(match["number"]))

    async def images(self, interaction: Interaction) -> Sequence[Picked]:
        return [await _of_card(interaction, f"{self.generation_id}:{self.number}")]

    async def private(self, interaction: Interaction) -> bool | None:
        return (await row_in_view(interaction, self.generation_id)).private


class PictureForm(ChangeForm):
    """Of images that somebody posted. They themselves are in `Selections`."""

    template: ClassVar[re.Pattern[str]] = re.compile(r"remix:(?P<channel>\d{1,20}):(?P<message>\d{1,20})")

    def __init__(self, channel_id: int, message_id: int, *, locale: object = DEFAULT_LOCALE) -> None:
        super().__init__(f"remix:{channel_id}:{message_id}", locale=locale)
        self.channel_id = channel_id
        self.message_id = message_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["channel"]), int(match["message"]))

    async def images(self, interaction: Interaction) -> Sequence[Picked]:
        picked = await chosen_again(interaction, channel_id=self.channel_id, message_id=self.message_id)
        return picked.pictures

    def posted(self, interaction: Interaction) -> str | None:
        return f"{interaction.guild_id or '@me'}/{self.channel_id}/{self.message_id}"


async def change_picture(interaction: Interaction, message: discord.Message) -> None:
    """Ask what is to be changed about the images of a message.

    NotAllowed: there is none, no model for it here, or it stands on a card that is not this person's to press.
    """
    picked = await pick(interaction, message)
    if picked is None:
        raise NotAllowed("error.no_picture")
    the = interaction.client.the
    parent = picked.pictures[0].parent
    row = None if parent is None else await the(Database).run(generations.get, parent.id)
    await _may_edit(interaction, row)
    the(Selections).put((interaction.user.id, message.id), picked)
    channel_id = interaction.channel_id or message.channel.id
    form = PictureForm(channel_id, message.id, locale=interaction.locale)
    form.fill([one.name for one in picked.pictures], await _newest(interaction, _parents(picked)))
    await form.open(interaction)


async def change_of_card(interaction: Interaction, row: Generation, number: int) -> None:
    """Ask what is to be changed about one image of a card. NotAllowed: no model for it here, or not theirs to press."""
    await _may_edit(interaction, row)
    form = CardForm(row.id, number, locale=interaction.locale)
    names = [text(form.language, "form.the_image", number=number)] if row.count > 1 else []
    form.fill(names, await _newest(interaction, {Parent(row.id, number - 1)}))
    await form.open(interaction)


async def _may_edit(interaction: Interaction, row: Generation | None) -> None:
    """A `Refusal`: they may not, or there is no model for it here."""
    asked_by = None if row is None else row.person_id
    orders = interaction.client.the(Orders)
    orders.maker(await orders.may(caller_of(interaction), Kind.IMAGE, asked_by=asked_by), "edit_model")


def _parents(picked: Pick) -> set[Parent]:
    return {one.parent for one in picked.pictures if one.parent is not None}


async def _of_card(interaction: Interaction, value: str) -> Picked:
    """The image that `value` names, `<id>:<number>`, which may be forged. NotAllowed: it is not to be seen or had."""
    match = re.fullmatch(r"(\d{1,19}):(\d{1,3})", value)
    if match is None:
        raise BadValue("error.gone")
    row = await row_in_view(interaction, int(match[1]))
    position = int(match[2]) - 1
    result = await result_at(interaction, row, position)
    if row.state not in SHOWN or row.kind != Kind.IMAGE:
        raise NotAllowed("error.gone")
    on_it = interaction.message is not None and interaction.message.id == row.message_id
    files = files_pressed(interaction) if on_it else await files_of_card(interaction.client, row)
    return Picked(f"{position + 1}", source_of(result, files), Parent(row.id, position))


async def _newest(interaction: Interaction, but: set[Parent]) -> list[tuple[Generation, int]]:
    """The newest images of this channel that everybody sees there, beside those."""
    if interaction.guild_id is None or interaction.channel_id is None:
        return []
    found = await interaction.client.the(Database).run(_images_of, interaction.guild_id, interaction.channel_id)
    restricted = caller_of(interaction).age_restricted
    return [
        (row, position)
        for row, position in found
        if Parent(row.id, position) not in but and (restricted or not row.age_restricted)
    ][:CHOICES]


def _images_of(connection: Connection, guild_id: int, channel_id: int) -> list[tuple[Generation, int]]:
    rows = queries.of_place(connection, guild_id, channel_id, limit=LOOKED_AT)
    return [
        (row, result.position)
        for row in rows
        if row.kind == Kind.IMAGE and row.state == State.DELIVERED and not row.private and row.message_id is not None
        for result in result_rows.of_generation(connection, row.id)
        if result.attachment is not None
    ]
