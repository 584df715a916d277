"""/config personas: those of the server, made and changed in a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.api.catalogue import ModelCatalogue
from bot.api.models import by_kind
from bot.i18n import text
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.commands import CHOICES
from bot.settings.entries import NAME_LIMIT
from bot.settings.personas import INSTRUCTIONS_LIMIT, Personas
from bot.text import escape, one_line, shorten
from cogs.config.changes import Look
from cogs.config.entries import NAME, Entry, EntryButton, EntryForm, EntryMenu, Input, NewButton, Sort, form_of

SHOWN = 80
"""Characters of the instructions that the list has; of 24 personas it stays within a message's 4,000."""
LONGEST = 100
"""Characters of a choice (Discord)."""
WITH_BUTTONS = 8
"""A message holds 40 parts (Discord)."""


def _default_line(locale: str, look: Look) -> str:
    prompt = look.rules.value("system_prompt")
    what = escape(shorten(one_line(str(prompt)), SHOWN)) if prompt else text(locale, "personas.no_instructions")
    return f"**{text(locale, 'personas.default')}** · {what}"


def _line(one: Entry) -> str:
    temperature = one.get("temperature")
    facts = [escape(one.get("model") or ""), "" if temperature is None else f"{temperature:g}"]
    shown = escape(shorten(one_line(one["instructions"]), SHOWN))
    return " · ".join(filter(None, (f"**{escape(one['name'])}**", *facts, shown)))


PERSONAS = Sort(
    key="personas",
    kind=Personas(),
    title="personas.title",
    edit="personas.edit",
    new="button.new_persona",
    saved="personas.saved",
    deleted="personas.deleted",
    delete="personas.delete",
    inputs={
        "name": Input(label="personas.name", help="personas.name_help", most=NAME_LIMIT),
        "instructions": Input(
            label="personas.instructions", help="personas.instructions_help", most=INSTRUCTIONS_LIMIT, short=False
        ),
        "model": Input(label="personas.model", help="personas.model_help", most=LONGEST, required=False),
        "temperature": Input(label="personas.temperature", help="personas.temperature_help", most=8, required=False),
    },
    usual=_default_line,
    line=_line,
    buttons=WITH_BUTTONS,
)


class PersonaForm(EntryForm):
    sort = PERSONAS
    template = form_of(PERSONAS.key)

    def ask(self, interaction: Interaction, name: str, one: Input, present: object) -> None:
        """The model in a menu, where it holds them all; nothing chosen is none."""
        names: Sequence[str] = []
        if name == "model":
            models = by_kind(Kind.ASK, interaction.client.the(ModelCatalogue).names())
            names = list(dict.fromkeys([str(present), *models] if present else models))
        if not names or len(names) > CHOICES or max(map(len, names)) > LONGEST:
            super().ask(interaction, name, one, present)
            return
        options = [discord.SelectOption(label=each, value=each, default=each == present) for each in names]
        menu: ui.Select[Any] = ui.Select(custom_id=name, options=options, min_values=0, required=False)
        label, help_ = text(self.language, one.label), text(self.language, one.help)
        self.add_item(ui.Label(text=label, description=help_, component=menu))


class NewPersonaButton(NewButton, template=r"personas:new"):
    form = PersonaForm


class PersonaButton(EntryButton, template=rf"personas:(?P<what>edit|again):{NAME}"):
    form = PersonaForm


class PersonaMenu(EntryMenu, template=r"personas:edit"):
    form = PersonaForm


PERSONA_ITEMS: tuple[type[ui.DynamicItem[Any]], ...] = (NewPersonaButton, PersonaButton, PersonaMenu)
