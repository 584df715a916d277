"""What helps after something failed: Retry, Edit and retry with its form, and a menu of other models.

A feature's own know what is ordered again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

import discord
from discord import ui

from bot.errors import BadValue
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.commands import CHOICES
from bot.kit.components import INPUT_LIMIT, button, row, text_input
from bot.kit.text_modals import WrittenForm
from bot.reasons import Step
from bot.shapes import shown

MODEL, SIZE, MORE = "model", "size", "more"
OPTION_LIMIT = 100
"""Characters of an option's name and value (Discord)."""


def again_looks(
    prefix: str, steps: Collection[Step], models: Sequence[str], locale: str, *, stands_out: bool = True
) -> tuple[list[ui.Item[Any]], list[ui.ActionRow[Any]]]:
    """The buttons for `steps`, and the menu in a row of its own. Their ids are `<prefix>:retry`, `:edit` and `:model`.
    `stands_out`: whether the first of them is the likely next step.

    `models`: those to choose from; where there are none, Edit and retry lets a name be typed.
    """
    primary = discord.ButtonStyle.primary if stands_out else discord.ButtonStyle.secondary
    buttons: list[ui.Item[Any]] = []
    if Step.RETRY in steps:
        buttons.append(button(text(locale, "button.retry"), f"{prefix}:retry", style=primary))
    if Step.EDIT in steps or (Step.MODEL in steps and not models):
        style = discord.ButtonStyle.secondary if buttons else primary
        buttons.append(button(text(locale, "button.edit_retry"), f"{prefix}:edit", style=style))
    if not models or Step.MODEL not in steps:
        return buttons, []
    menu: ui.Select[Any] = ui.Select(
        custom_id=f"{prefix}:model",
        placeholder=text(locale, "menu.other_model"),
        options=_options(models) or [discord.SelectOption(label="–")],
    )
    return buttons, [row(menu)]


def model_input(model: str, offered: Sequence[str], *, listed: bool, locale: str) -> ui.Label[Any] | None:
    """Where a form asks for a model: a menu, or to be typed where the service has no list. None: there is no choice."""
    label, help_ = text(locale, "form.model"), text(locale, "form.model_help")
    if not listed:
        return text_input(MODEL, label, help_, present=model, most=OPTION_LIMIT, short=True)
    options = _options(offered, chosen=model)
    return _menu(MODEL, label, options) if len(options) > 1 or (options and not options[0].default) else None


class AgainForm(WrittenForm):
    """The words as they were, and where they may be chosen another model and another size. `order` does it."""

    name: ClassVar[str] = "prompt"

    def __init__(self, custom_id: str, *, locale: object) -> None:
        self.language = locale_of(locale)
        super().__init__(title=text(self.language, "form.again"), custom_id=custom_id)

    def ask_words(self, words: str) -> None:
        """The words, in two inputs where one does not hold them."""
        label, help_ = text(self.language, "form.prompt"), text(self.language, "form.again_help")
        first, rest = _cut(words)
        self.add_item(text_input(self.name, label, help_, present=first))
        if rest:
            self.add_item(text_input(MORE, text(self.language, "form.more"), help_, present=rest))

    def ask_model(self, model: str, offered: Sequence[str], *, listed: bool) -> None:
        """The model: of a menu, or to be typed where the service has no list."""
        if (chooses := model_input(model, offered, listed=listed, locale=self.language)) is not None:
            self.add_item(chooses)

    def ask_size(self, size: str, sizes: Sequence[str]) -> None:
        names = list(dict.fromkeys((*sizes, size) if size else sizes))
        self.add_item(_menu(SIZE, text(self.language, "form.size"), _options(names, chosen=size, label=shown)))

    def typed(self, values: Mapping[str, str]) -> str:
        return _whole(values.get(self.name, ""), values.get(MORE, ""))

    async def order(self, interaction: Interaction, words: str, *, model: str | None, size: str | None) -> None:
        """Place the order once more; None: as it was."""
        raise NotImplementedError

    async def use(self, interaction: Interaction, typed: str) -> None:
        if not typed.strip():
            raise BadValue("form.no_words")
        model = self.values.get(MODEL, "").strip() or None
        await self.order(interaction, typed, model=model, size=self.values.get(SIZE) or None)


def _options(
    names: Sequence[str], *, chosen: str = "", label: Callable[[str], str] = str
) -> list[discord.SelectOption]:
    """As many as a menu takes, the one that is `chosen` among them if it is there at all; `label`: as each is shown."""
    fitting = [name for name in names if len(name) <= OPTION_LIMIT]
    if chosen in fitting[CHOICES:]:
        fitting = [chosen, *fitting]
    first = list(dict.fromkeys(fitting))[:CHOICES]
    return [discord.SelectOption(label=label(name), value=name, default=name == chosen) for name in first]


def _menu(name: str, label: str, options: list[discord.SelectOption]) -> ui.Label[Any]:
    select: ui.Select[Any] = ui.Select(custom_id=name, options=options, required=False)
    return ui.Label(text=label, component=select)


def _cut(words: str) -> tuple[str, str]:
    """At a space, where there is one near the end of what an input holds."""
    if len(words) <= INPUT_LIMIT:
        return words, ""
    at = max(words.rfind(sign, INPUT_LIMIT * 3 // 4, INPUT_LIMIT) for sign in (" ", "\n"))
    return (words[:at], words[at + 1 :]) if at > 0 else (words[:INPUT_LIMIT], words[INPUT_LIMIT:])


def _whole(first: str, rest: str) -> str:
    """Both inputs together. Scripts without spaces were cut between two letters."""
    if not rest:
        return first
    spaceless = not first or not rest or (ord(first[-1]) > 0x2E7F and ord(rest[0]) > 0x2E7F)
    return f"{first}{'' if spaceless else ' '}{rest}"
