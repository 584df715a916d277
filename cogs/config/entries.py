"""A setting that is a list of things under names (`bot.settings.entries`): its list, and the form of each one. Every
change has its line in the history.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast

import discord
from discord import ui

from bot.errors import BadValue, NotAllowed, UnknownModel
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import Card, SafeButton, SafeForm, SafeSelect, button, row, section, text_input
from bot.kit.error_path import report, sentence
from bot.kit.refused_forms import again_button, keep, refill
from bot.kit.responses import replace_message
from bot.kit.text_modals import give_back
from bot.settings import SETTINGS, Scope
from bot.settings.entries import MOST, NAME_LIMIT, Entries
from bot.settings.stored import Json
from bot.text import escape, shorten
from cogs.config import advice, changes, managers, validity
from cogs.config.changes import Look

DELETE = "delete"
NAME = rf"(?P<name>.{{0,{NAME_LIMIT}}})"
"""In a custom_id."""
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of the form: the keys of its label and its help."""

    label: str
    help: str
    most: int
    short: bool = True
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """What such a list is of: the setting, which is also how its ids begin, and the keys of what is said. `usual` and
    `line` say what stands in the list: what there is beside the entries, and each of them.
    """

    key: str
    kind: Entries
    title: str
    edit: str
    new: str
    saved: str
    deleted: str
    delete: str
    inputs: Mapping[str, Input]
    usual: Callable[[str, Look], str]
    line: Callable[[Entry], str]
    buttons: int = 0
    """Each of so few has a button of its own; of more there is a menu."""

    def may(self, interaction: Interaction) -> None:
        """NotAllowed: they are of a server, and for who manages it."""
        if interaction.guild_id is None:
            raise NotAllowed("config.only_in_servers")
        managers.target(interaction, Scope.SERVER, SETTINGS[self.key])

    async def card(self, interaction: Interaction, *, said: str = "", again: str | None = None) -> ui.LayoutView:
        """All of them, with what makes and changes one. `said`: what was just done. `again`: whose form was refused;
        of a new one it is "". NotAllowed: as `may`.
        """
        self.may(interaction)
        locale = locale_of(interaction.locale)
        look = await changes.look_at(interaction)
        known = self.known(look)
        lines = [f"### {text(locale, self.title)}", self.usual(locale, look)]
        few: Sequence[Entry] = known if len(known) <= self.buttons else []
        view = Card(ui.TextDisplay("\n".join(lines + [self.line(one) for one in known if not few])))
        for one in few:
            edit = button(text(locale, "button.edit"), f"{self.key}:edit:{one['name']}")
            view.add_item(section(self.line(one), edit))
        if known and not few:
            options = [discord.SelectOption(label=one["name"], value=one["name"]) for one in known]
            menu: ui.Select[Any] = ui.Select(
                custom_id=f"{self.key}:edit", placeholder=text(locale, self.edit), options=options
            )
            view.add_item(row(menu))
        if said:
            view.add_item(ui.TextDisplay(said))
        below = [button(text(locale, self.new), f"{self.key}:new")] if len(known) < MOST else []
        if again is not None:
            below.insert(0, again_button(locale, f"{self.key}:again:{again}"))
        if below:
            view.add_item(row(*below))
        return view

    def known(self, look: Look) -> Sequence[Entry]:
        return cast("Sequence[Entry]", look.rules.value(self.key))

    async def change(
        self, interaction: Interaction, change: Callable[[Sequence[dict[str, Any]]], list[dict[str, Any]]]
    ) -> None:
        """Change the server's list, with its line in the history."""

        def value_of(present: Json | None) -> Json | None:
            return cast("Json", self.kind.listed(change(cast("list[dict[str, Any]]", present or [])))) or None

        await changes.edit_value(interaction, (Scope.SERVER, interaction.guild_id or 0), self.key, value_of)

    def written(self, locale: str, values: Mapping[str, str]) -> str:
        """All that was typed, a line for each input."""
        said = ((text(locale, one.label), values.get(name, "").strip()) for name, one in self.inputs.items())
        colon = "：" if locale.startswith("zh") else ": "
        return "\n".join(f"{label}{colon}{value}" for label, value in said if value)


class NewButton(SafeButton, template=r"(?!)"):
    """Opens an empty form."""

    form: ClassVar[type[EntryForm]]

    def __init__(self) -> None:
        super().__init__(button("–", f"{self.form.sort.key}:new"))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await _open(interaction, self.form, "")


class EntryButton(SafeButton, template=r"(?!)"):
    """Opens the form of one; `again`: with what was refused in it."""

    form: ClassVar[type[EntryForm]]

    def __init__(self, what: str, name: str) -> None:
        super().__init__(button("–", f"{self.form.sort.key}:{what}:{name}"))
        self.what, self.name = what, name

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["what"], match["name"])

    async def pressed(self, interaction: Interaction) -> None:
        await _open(interaction, self.form, self.name, again=self.what == "again")


class EntryMenu(SafeSelect[ui.Select[Any]], template=r"(?!)"):
    """Opens the form of the chosen one."""

    form: ClassVar[type[EntryForm]]

    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id=f"{self.form.sort.key}:edit"))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await _open(interaction, self.form, (self.chosen(interaction) or [""])[0])


async def _open(interaction: Interaction, kind: type[EntryForm], name: str, *, again: bool = False) -> None:
    """The form of the one of this name; empty, or with what was refused where it is gone: of a new one. NotAllowed."""
    sort = kind.sort
    sort.may(interaction)
    one: Entry | None = None
    if name:
        known = sort.known(await changes.look_at(interaction))
        one = next((each for each in known if each["name"] == name), None)
        if one is None and not again:
            raise NotAllowed("error.gone")
    form = kind("" if one is None else name, locale=interaction.locale)
    form.fill(interaction, one or {})
    if again:
        refill(interaction, form, f"{sort.key}:again:{name}")
    await form.open(interaction)


class EntryForm(SafeForm):
    """One entry; its custom_id, `<key>:form:<name>`, holds the name that it had."""

    sort: ClassVar[Sort]

    def __init__(self, name: str, *, locale: object = DEFAULT_LOCALE) -> None:
        self.language = locale_of(locale)
        title = shorten(name, 45) if name else text(self.language, self.sort.new)
        super().__init__(title=title, custom_id=f"{self.sort.key}:form:{name}")
        self.name = name

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["name"])

    def fill(self, interaction: Interaction, present: Entry) -> None:
        """With what it is now; empty: a new one."""
        for name, one in self.sort.inputs.items():
            self.ask(interaction, name, one, present.get(name))
        if present:
            box: ui.Checkbox[Any] = ui.Checkbox(custom_id=DELETE, default=False)
            self.add_item(ui.Label(text=text(self.language, self.sort.delete), component=box))

    def ask(self, interaction: Interaction, name: str, one: Input, present: object) -> None:
        """Add one input."""
        del interaction
        label, help_ = text(self.language, one.label), text(self.language, one.help)
        said = "" if present is None else f"{present:g}" if isinstance(present, float) else str(present)
        self.add_item(
            text_input(name, label, help_, present=said, most=one.most, short=one.short, required=one.required)
        )

    async def submitted(self, interaction: Interaction, values: Mapping[str, str]) -> None:
        locale, sort = locale_of(interaction.locale), self.sort
        try:
            sort.may(interaction)
            if values.get(DELETE) == "true":
                await sort.change(interaction, lambda known: [one for one in known if one["name"] != self.name])
                said = text(locale, sort.deleted, name=escape(self.name))
            else:
                filled = {key: value for key, value in values.items() if key != DELETE and value.strip()}
                usable = validity.checked(interaction, SETTINGS[sort.key], [sort.kind.entry(filled)])
                (made,) = cast("list[dict[str, Any]]", usable)
                await sort.change(interaction, lambda known: _with(known, self.name, made))
                said = text(locale, sort.saved, name=escape(made["name"]))
                said = "\n".join([said, *advice.of_another_kind(locale, sort.key, [made])])
        except (BadValue, UnknownModel) as refused:
            keep(interaction, f"{sort.key}:again:{self.name}")
            why = sentence(refused, locale) or ""
            await replace_message(interaction, await sort.card(interaction, said=why, again=self.name))
            return
        except Exception as error:  # noqa: BLE001 - the one error path takes all of them
            if await report(interaction, error) and (written := sort.written(locale, values)):
                await give_back(interaction, written)
            return
        await replace_message(interaction, await sort.card(interaction, said=said))


def form_of(key: str) -> re.Pattern[str]:
    """The custom_id of a form's class."""
    return re.compile(rf"{key}:form:{NAME}", re.DOTALL)


def _with(known: Sequence[dict[str, Any]], name: str, made: dict[str, Any]) -> list[dict[str, Any]]:
    """`made` in the place of the one called `name`, or behind them all. BadValue: it was deleted meanwhile."""
    if not name:
        return [*known, made]
    if all(one["name"] != name for one in known):
        raise BadValue("error.gone")
    return [made if one["name"] == name else one for one in known]
