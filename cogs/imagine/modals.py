"""The forms of images: a new one, and the words of one that is there, with everything in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

import discord
from discord import ui
from sqlalchemy import Connection

from bot.cards.caller import caller_of
from bot.cards.row_pressed import row_in_view
from bot.cards.sources import from_cards, is_image
from bot.errors import BadValue, NotAllowed
from bot.generation.ordering.orders import Orders
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import Generation, NewInput
from bot.i18n import DEFAULT_LOCALE, listed, locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton, file_input, filled_in, text_input
from bot.kit.more_lines import MORE, lines_of, more_input, private_line
from bot.kit.refused_forms import Filled, again_button
from bot.kit.returning_forms import BACK, HELP_LIMIT, files_of, kept_in, kept_input
from bot.kit.shape_choices import shape_input
from bot.kit.text_modals import WrittenForm, give_back
from bot.orders.callers import Caller
from bot.orders.policy import Rules, refuse_blank
from bot.settings.styles import styles_at
from bot.shapes import IMAGE_SIZES, shown
from bot.store.database import Database
from bot.text import shorten
from cogs.imagine.drafts import Drafts
from cogs.imagine.made_before import place_once
from cogs.imagine.orders import Children
from cogs.imagine.wanted import (
    MOST_GIVEN,
    Given,
    Of,
    Wanted,
    files_of_order,
    given_files,
    is_gone,
    wanted_of,
    with_lines,
)

log = logging.getLogger(__name__)

FILES, SHAPE, STYLE = "files", "shape", "style"
OF_STYLE = "style:"
"""What the value of a style begins with that stands among the shapes."""


class ImagineForm(WrittenForm):
    """All that an order of images says. Its custom_id holds the order that it changes (`remix:<id>`), if it does, and
    where in memory the rest stands (`.<draft>`), if there is more.
    """

    template: ClassVar[re.Pattern[str]] = re.compile(r"(?:imagine|remix:(?P<id>\d{1,80}))(?:\.(?P<draft>\d{1,20}))?")
    name: ClassVar[str] = "prompt"

    def __init__(
        self, generation_id: int | None = None, *, draft: int | None = None, locale: object = DEFAULT_LOCALE
    ) -> None:
        self.language = locale_of(locale)
        title = text(self.language, "form.imagine" if generation_id is None else "button.edit_prompt")
        beginning = "imagine" if generation_id is None else f"remix:{generation_id}"
        super().__init__(title=title, custom_id=beginning if draft is None else f"{beginning}.{draft}")
        self.generation_id = generation_id
        self.draft = draft

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        generation_id, draft = match["id"], match["draft"]
        return cls(int(generation_id) if generation_id else None, draft=int(draft) if draft else None)

    def fill(self, rules: Rules, wanted: Wanted) -> None:
        """With what is `wanted` so far, as far as the place has it."""
        locale = self.language
        help_ = text(locale, "form.imagine_help")
        self.add_item(text_input(self.name, text(locale, "form.prompt"), help_, present=wanted.prompt))
        edits = rules.made_with("edit_model")
        # What the place takes without being asked needs no line.
        model = None if wanted.model == (edits if wanted.given else rules.value("image_model")) else wanted.model
        takes_files = bool(edits or model or wanted.given)
        if takes_files:
            self.add_item(file_input(FILES, text(locale, "form.files"), self._given(wanted.given), most=MOST_GIVEN))
        beginning = OF_STYLE if wanted.given else ""
        styles = self._styles([one.name for one in styles_at(rules)], wanted.style, beginning)
        if wanted.given:
            self.add_item(kept_input(locale, [one.name for one in wanted.given]))
        self.add_item(
            shape_input(
                SHAPE,
                locale,
                IMAGE_SIZES,
                present=wanted.shape,
                otherwise=self._otherwise(rules, wanted, takes_files=takes_files),
                more=styles if wanted.given else (),
            )
        )
        if styles and not wanted.given:
            menu: ui.Select[Any] = ui.Select(custom_id=STYLE, options=list(styles), required=False)
            self.add_item(ui.Label(text=text(locale, "form.style"), component=menu))
        said = {
            "count": wanted.count if wanted.count > 1 else None,
            "model": model,
            "private": private_line(wanted.private),
        }
        more = "\n".join(filter(None, (lines_of(said), wanted.more)))
        self.add_item(more_input(locale, more, help_key="form.more_help_images"))

    def _given(self, given: Sequence[Given]) -> str:
        """Under the files: those that are there already stay unless others come, as far as they are to be had."""
        if not given:
            return text(self.language, "form.files_help", most=MOST_GIVEN)
        names = shorten(listed(self.language, [one.name for one in given]), 40)
        if any(is_gone(one.file) for one in given):
            return text(self.language, "form.files_gone", files=names)[:HELP_LIMIT]
        return text(self.language, "form.files_replace", most=MOST_GIVEN)

    def _otherwise(self, rules: Rules, wanted: Wanted, *, takes_files: bool) -> str:
        """What shape it has where none is chosen."""
        if wanted.given and not wanted.size:
            return text(self.language, "form.shape_of_image")
        key = "form.shape_otherwise_files" if takes_files else "form.shape_otherwise"
        return text(self.language, key, size=shown(wanted.size or str(rules.value("image_size"))))

    def _styles(self, names: Sequence[str], present: str | None, beginning: str) -> Sequence[discord.SelectOption]:
        """Of the place; none where it has none. `beginning`: of their values."""
        # The one chosen now stands before those for which a menu has no room.
        ordered = sorted(names, key=lambda name: name != present)
        named = {"none": text(self.language, "styles.no_style"), **{name: name for name in ordered}}
        return [
            discord.SelectOption(label=label, value=f"{beginning}{name}", default=name == (present or "none"))
            for name, label in named.items()
            if names
        ]

    async def use(self, interaction: Interaction, typed: str) -> None:
        refuse_blank(typed)
        the = interaction.client.the
        order = await self._order(interaction)
        if any(len(values) > 1 for values in _chosen(filled_in(interaction))):
            raise BadValue("form.one_each")
        sent = given_files(files_of(interaction))
        wanted = with_lines(self._wanted(interaction, await self._base(interaction, order), sent))
        of = None
        if order is not None:
            files = await from_cards(interaction.client, order, await the(Database).run(_sources, order))
            if any(map(is_gone, files)):
                raise NotAllowed("error.picture_gone")
            of = Of(action="remix", parents=[Parent(order.id)], files=files)

        def place(caller: Caller) -> Awaitable[Generation]:
            return the(Children).make(caller, wanted, of)

        await place_once(interaction, place, private=wanted.private)

    async def _order(self, interaction: Interaction) -> Generation | None:
        """The order that is changed. NotAllowed: it is not to be seen."""
        return None if self.generation_id is None else await row_in_view(interaction, self.generation_id)

    async def _base(self, interaction: Interaction, order: Generation | None) -> Wanted:
        """What is wanted beside what the form holds. NotAllowed: it was in memory, and is no longer."""
        the = interaction.client.the
        if self.draft is not None:
            wanted = the(Drafts).get((interaction.user.id, self.draft))
            if wanted is None:
                raise NotAllowed("imagine.form_over")
            return wanted
        return Wanted() if order is None else await the(Database).run(_wanted, order)

    def _wanted(self, interaction: Interaction, base: Wanted, sent: Sequence[Given]) -> Wanted:
        """With what was filled in, and the files that were `sent`; what the form did not ask for stays."""
        filled = filled_in(interaction)
        kept = kept_in(filled)
        shapes, styles = _chosen(filled)
        said_more = MORE in filled
        return replace(
            base,
            prompt=self.typed(self.values),
            shape=next(iter(shapes), None) if SHAPE in filled else base.shape,
            # An image that is added has a shape of its own.
            size=None if sent else base.size,
            style=next(iter(styles), None) if STYLE in filled or kept is not None else base.style,
            # What its lines say stands in them alone.
            more="".join(filled.get(MORE, (base.more,))),
            count=1 if said_more else base.count,
            model=None if said_more else base.model,
            private=None if said_more and base.private else base.private,
            given=sent or [one for index, one in enumerate(base.given) if kept is None or index in kept],
        )

    async def give_back(self, interaction: Interaction, typed: str) -> None:
        """The words, and with a button the form as it was sent, with its files."""
        try:
            order = await self._order(interaction)
            base, sent = await self._base(interaction, order), given_files(filter(is_image, files_of(interaction)))
            wanted = replace(self._wanted(interaction, base, sent), prompt=typed)
        except Exception as error:  # noqa: BLE001 - what is refused of it was told
            log.info("a form is given back as words alone: %s", error)
            await give_back(interaction, typed)
            return
        await give_back_order(interaction, wanted, of=self.generation_id)


def _chosen(filled: Filled) -> tuple[Sequence[str], Sequence[str]]:
    """The shapes and the styles, which stand in one menu or in two."""
    menu = filled.get(SHAPE, ())
    among = [value.removeprefix(OF_STYLE) for value in menu if value.startswith(OF_STYLE)]
    return [value for value in menu if not value.startswith(OF_STYLE)], [*filled.get(STYLE, ()), *among]


async def give_back_order(interaction: Interaction, wanted: Wanted, *, of: int | None = None) -> None:
    """What was `wanted`, of the order `of` if of any: its words, and the button that opens the form with all of it."""
    interaction.client.the(Drafts).put((interaction.user.id, interaction.id), wanted)
    key = f"{interaction.id}" if of is None else f"{interaction.id}.{of}"
    again = again_button(locale_of(interaction.locale), f"imagine:again:{key}", label=BACK)
    await give_back(interaction, "\n".join(filter(None, (wanted.prompt, wanted.more))), again)


async def open_form(
    interaction: Interaction, wanted: Wanted, *, order: Generation | None = None, draft: int | None = None
) -> None:
    """Open the form with what is `wanted`. NotAllowed: they make no images here, or not by the card of `order`."""
    asked_by = None if order is None else order.person_id
    rules = await interaction.client.the(Orders).may(caller_of(interaction), Kind.IMAGE, asked_by=asked_by)
    form = ImagineForm(None if order is None else order.id, draft=draft, locale=interaction.locale)
    form.fill(rules, wanted)
    await form.open(interaction)


async def edit_prompt(interaction: Interaction, order: Generation) -> None:
    """Open the form with all that an order said."""
    if not order.prompt:
        raise NotAllowed("error.prompt_forgotten")
    wanted = await interaction.client.the(Database).run(_wanted, order)
    await open_form(interaction, wanted, order=order)


class AgainButton(KeyButton, template=r"imagine:again:(?P<key>\d{1,20})(?:\.(?P<id>\d{1,80}))?"):
    """Opens a refused form once more, as it was sent: the draft `key`."""

    def __init__(self, custom_id: str, key: int, generation_id: int | None) -> None:
        super().__init__(custom_id, key)
        self.generation_id = generation_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match.string, int(match["key"]), int(match["id"]) if match["id"] else None)

    async def pressed(self, interaction: Interaction) -> None:
        wanted = interaction.client.the(Drafts).get((interaction.user.id, self.key))
        if wanted is None:
            raise NotAllowed("imagine.form_over")
        order = None if self.generation_id is None else await row_in_view(interaction, self.generation_id)
        await open_form(interaction, wanted, order=order, draft=self.key)


def _wanted(connection: Connection, order: Generation) -> Wanted:
    return wanted_of(order, files_of_order(connection, order)[1])


def _sources(connection: Connection, order: Generation) -> list[NewInput]:
    return files_of_order(connection, order)[0]
