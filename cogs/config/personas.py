"""/config personas: those of the server, made and changed in a form, each change with its line in the history."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import discord
from discord import ui

from bot.api.catalogue import ModelCatalogue
from bot.api.models import by_kind
from bot.errors import BadValue, NotAllowed, Refusal
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.commands import CHOICES
from bot.kit.components import Card, SafeButton, SafeForm, SafeSelect, button, row, section, text_input
from bot.kit.error_path import report, sentence
from bot.kit.refused_forms import keep, refill
from bot.kit.responses import replace_message
from bot.kit.text_modals import give_back
from bot.settings import SETTINGS, Scope
from bot.settings.entries import MOST, NAME_LIMIT
from bot.settings.personas import INSTRUCTIONS_LIMIT, Persona, Personas, personas_at
from bot.text import escape, one_line, shorten
from cogs.config import advice, changes, managers, validity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.settings.stored import Json
    from cogs.config.changes import Look

KEY = "personas"
SHOWN = 80
"""Characters of the instructions that the list has; of 24 personas it stays within a message's 4,000."""
LONGEST = 100
"""Characters of a choice (Discord)."""
DELETE = "delete"
_NAME = rf"(?P<name>.{{0,{NAME_LIMIT}}})"
WITH_BUTTONS = 8
"""Each of so few has a button of its own; a message holds 40 parts (Discord)."""
_INPUTS = {
    "name": ("personas.name", "personas.name_help"),
    "instructions": ("personas.instructions", "personas.instructions_help"),
    "model": ("personas.model", "personas.model_help"),
    "temperature": ("personas.temperature", "personas.temperature_help"),
}


async def card(interaction: Interaction, *, said: str = "", again: str | None = None) -> ui.LayoutView:
    """All of them, with what makes and changes one. `said`: what was just done, or why it was not; then `again` is the
    button that opens the form once more. NotAllowed: outside of servers.
    """
    _may(interaction)
    locale = locale_of(interaction.locale)
    look = await changes.look_at(interaction)
    known = personas_at(look.rules)
    lines = [f"### {text(locale, 'personas.title')}", *([said] if said else []), _default_line(locale, look)]
    few = known if len(known) <= WITH_BUTTONS else []
    lines += [_line(one) for one in known if one not in few]
    view = Card(ui.TextDisplay("\n".join(lines)))
    for one in few:
        edit = button(text(locale, "button.edit"), f"personas:edit:{one.name}")
        view.add_item(section(_line(one), edit))
    if known and not few:
        options = [discord.SelectOption(label=str(one.name), value=str(one.name)) for one in known]
        view.add_item(
            row(ui.Select(custom_id="personas:edit", placeholder=text(locale, "personas.edit"), options=options))
        )
    below: list[ui.Button[Any]] = []
    if again is not None:
        below.append(button(text(locale, "button.edit_again"), again, style=discord.ButtonStyle.primary))
    if len(known) < MOST:
        below.append(button(text(locale, "button.new_persona"), "personas:new"))
    if below:
        view.add_item(row(*below))
    return view


def _may(interaction: Interaction) -> None:
    """NotAllowed: they are of a server, and for who manages it."""
    if interaction.guild_id is None:
        raise NotAllowed("config.only_in_servers")
    managers.target(interaction, Scope.SERVER, SETTINGS[KEY])


def _default_line(locale: str, look: Look) -> str:
    prompt = look.rules.value("system_prompt")
    what = escape(shorten(one_line(str(prompt)), SHOWN)) if prompt else text(locale, "personas.no_instructions")
    return f"**{text(locale, 'personas.default')}** · {what}"


def _line(one: Persona) -> str:
    facts = [escape(one.model) if one.model else "", f"{one.temperature:g}" if one.temperature is not None else ""]
    shown = escape(shorten(one_line(one.instructions or ""), SHOWN))
    return " · ".join(filter(None, (f"**{escape(str(one.name))}**", *facts, shown)))


class NewPersonaButton(SafeButton, template=r"personas:new"):
    def __init__(self) -> None:
        super().__init__(button("–", "personas:new"))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await _open(interaction, "")


class EditPersonaButton(SafeButton, template=rf"personas:(?P<what>edit|again):{_NAME}"):
    """Opens the form of one; `again`: with what was refused in it."""

    def __init__(self, what: str, name: str) -> None:
        super().__init__(button("–", f"personas:{what}:{name}"))
        self.what, self.name = what, name

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["what"], match["name"])

    async def pressed(self, interaction: Interaction) -> None:
        await _open(interaction, self.name, again=self.what == "again")


class PersonaMenu(SafeSelect[ui.Select[Any]], template=r"personas:edit"):
    """Where there are more than there is room for buttons."""

    def __init__(self) -> None:
        super().__init__(ui.Select(custom_id="personas:edit"))

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        del match
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await _open(interaction, (self.chosen(interaction) or [""])[0])


async def _open(interaction: Interaction, name: str, *, again: bool = False) -> None:
    """The form of the one of this name; empty, or with what was refused where it is gone: of a new one. NotAllowed."""
    _may(interaction)
    one = None
    if name:
        known = personas_at((await changes.look_at(interaction)).rules)
        one = next((each for each in known if each.name == name), None)
        if one is None and not again:
            raise NotAllowed("error.gone")
    form = PersonaForm(name if one is not None else "", locale=interaction.locale)
    form.fill(one, _models(interaction))
    if again:
        refill(interaction, form, f"personas:again:{name}")
    await form.open(interaction)


class PersonaForm(SafeForm):
    """One persona; its custom_id holds the name that it had."""

    template: ClassVar[re.Pattern[str]] = re.compile(rf"personas:form:{_NAME}", re.DOTALL)

    def __init__(self, name: str, *, locale: object = DEFAULT_LOCALE) -> None:
        self.language = locale_of(locale)
        title = shorten(name, 45) if name else text(self.language, "button.new_persona")
        super().__init__(title=title, custom_id=f"personas:form:{name}")
        self.name = name

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(match["name"])

    def fill(self, one: Persona | None, models: Sequence[str]) -> None:
        """With what it is now; None: a new one. `models`: to choose from."""
        present = one or Persona(None, None)
        self._add("name", present.name or "", most=NAME_LIMIT)
        self._add("instructions", present.instructions or "", most=INSTRUCTIONS_LIMIT)
        self._add_model(present.model or "", models)
        temperature = "" if present.temperature is None else f"{present.temperature:g}"
        self._add("temperature", temperature, most=8)
        if one is not None:
            box: ui.Checkbox[Any] = ui.Checkbox(custom_id=DELETE, default=False)
            self.add_item(ui.Label(text=text(self.language, "personas.delete"), component=box))

    def _add(self, name: str, present: str, *, most: int) -> None:
        label, help_ = (text(self.language, key) for key in _INPUTS[name])
        needed = name in {"name", "instructions"}
        short = name != "instructions"
        self.add_item(text_input(name, label, help_, present=present, most=most, short=short, required=needed))

    def _add_model(self, present: str, models: Sequence[str]) -> None:
        """A menu, where it holds them all; nothing chosen is none."""
        names = list(dict.fromkeys([present, *models] if present else models))
        if not names or len(names) > CHOICES or max(map(len, names)) > LONGEST:
            self._add("model", present, most=LONGEST)
            return
        label, help_ = (text(self.language, key) for key in _INPUTS["model"])
        options = [discord.SelectOption(label=name, value=name, default=name == present) for name in names]
        menu: ui.Select[Any] = ui.Select(custom_id="model", options=options, min_values=0, required=False)
        self.add_item(ui.Label(text=label, description=help_, component=menu))

    async def submitted(self, interaction: Interaction, values: Mapping[str, str]) -> None:
        locale = locale_of(interaction.locale)
        try:
            _may(interaction)
            if values.get(DELETE) == "true":
                await _edit(interaction, lambda known: [one for one in known if one["name"] != self.name])
                said = text(locale, "personas.deleted", name=escape(self.name))
            else:
                made = Personas().entry(
                    {key: value for key, value in values.items() if key != DELETE and value.strip()}
                )
                if model := made.get("model"):
                    made["model"] = validity.checked(interaction, SETTINGS["chat_model"], model)
                await _edit(interaction, lambda known: _with(known, self.name, made))
                said = text(locale, "personas.saved", name=escape(made["name"]))
                said = "\n".join([said, *advice.of_another_kind(locale, KEY, [made])])
        except Refusal as refused:
            again = f"personas:again:{self.name}"
            keep(interaction, again)
            said = sentence(refused, locale) or ""
            await replace_message(interaction, await card(interaction, said=said, again=again))
            return
        except Exception as error:  # noqa: BLE001 - the one error path takes all of them
            if await report(interaction, error) and (written := _written(locale, values)):
                await give_back(interaction, written)
            return
        await replace_message(interaction, await card(interaction, said=said))


def _written(locale: str, values: Mapping[str, str]) -> str:
    """All that was typed, a line for each input."""
    said = ((text(locale, key), values.get(name, "").strip()) for name, (key, _) in _INPUTS.items())
    return "\n".join(f"{label}: {value}" for label, value in said if value)


def _models(interaction: Interaction) -> Sequence[str]:
    return by_kind(Kind.ASK, interaction.client.the(ModelCatalogue).names())


def _with(known: Sequence[dict[str, Any]], name: str, made: dict[str, Any]) -> list[dict[str, Any]]:
    """`made` in the place of the one called `name`, or behind them all. BadValue: it was deleted meanwhile."""
    if not name:
        return [*known, made]
    if all(one["name"] != name for one in known):
        raise BadValue("error.gone")
    return [made if one["name"] == name else one for one in known]


async def _edit(interaction: Interaction, change: Callable[[Sequence[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Change the server's list, with its line in the history."""

    def value_of(present: Json | None) -> Json | None:
        return cast("Json", Personas().of(change(cast("list[dict[str, Any]]", present or [])))) or None

    await changes.edit_value(interaction, (Scope.SERVER, interaction.guild_id or 0), KEY, value_of)


PERSONA_ITEMS: tuple[type[ui.DynamicItem[Any]], ...] = (NewPersonaButton, EditPersonaButton, PersonaMenu)
