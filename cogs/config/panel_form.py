"""The panel's forms: several settings at once, each as it is now. What is left alone in one is not touched."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self, cast

from discord import ui

from bot.errors import NotAllowed, Refusal
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kinds import BY_COMMAND
from bot.kit.bot import Interaction
from bot.kit.components import Card, SafeForm, filled_in, row, text_input
from bot.kit.message_parts import custom_ids_in
from bot.kit.refused_forms import Filled, again_button, keep, refill
from bot.kit.text_modals import give_back
from bot.settings import MODEL_SETTING, SETTINGS, Scope, Setting, Value
from bot.settings.personas import personas_at
from bot.settings.topics import TOPIC_NAMES
from bot.store.database import Database
from bot.text import escape, one_line, shorten
from cogs.config import draft_rows as drafts
from cogs.config import validity
from cogs.config.cards import lock_sign, show
from cogs.config.changes import Look, look_at
from cogs.config.own_drafts import draft_of
from cogs.config.panel import page_of, panel
from cogs.config.panel_fields import HINT_LIMIT, Field, boxes, field_of, mark, typed_of
from cogs.config.panel_parts import (
    BOXES,
    EACH,
    EACH_NAMES,
    LANGUAGE,
    ON,
    ONLY,
    PARTS,
    is_only,
    limit_in,
    of_command,
    part_of,
    settings_in,
)
from cogs.config.spots import SPOT, Spot
from cogs.config.steps import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.settings.stored import Json
    from cogs.config.draft_rows import Draft

TITLE_LIMIT = 45
TYPED_LIMIT = 60
"""Of what could not be used, as it is told in the panel; what is longer is sent back whole."""


class SettingsForm(SafeForm):
    """Its custom_id tells what stood in its parts, so that what somebody else changes meanwhile is not put back."""

    template: ClassVar[re.Pattern[str]] = re.compile(rf"setup:form:{SPOT}:{PARTS}:(?P<marks>(?:[0-9a-f]{{6}})*)")

    def __init__(
        self, spot: Spot, part: str, fields: Sequence[Field], marks: Sequence[str], locale: str = DEFAULT_LOCALE
    ) -> None:
        named = f"/{part}" if part in BY_COMMAND else text(locale, TOPIC_NAMES[spot.topic])
        super().__init__(title=named, custom_id=f"{spot.custom_id('form')}:{part}:{''.join(marks)}")
        for field in fields:
            self.add_item(field.label)
        self.spot, self.part, self.marks = spot, part, marks

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        marks = match["marks"]
        return cls(Spot.of(match), match["part"], (), [marks[at : at + 6] for at in range(0, len(marks), 6)])

    async def submitted(self, interaction: Interaction, values: Mapping[str, str]) -> None:
        del values
        sent = filled_in(interaction)
        filled = zip(_apart(sent), self.marks, strict=False)
        changed = {name: said for (name, said), before in filled if mark(said) != before}
        typed = {name: typed_of(SETTINGS[name], said) for name, said in changed.items() if name in SETTINGS}
        if self.part in BY_COMMAND:
            look = await look_at(interaction, self.spot.looked_at(interaction))
            draft = await draft_of(interaction, self.spot)

            def present(key: str) -> object:
                return value_in(draft, look, self.spot, SETTINGS[key])

            if only := changed.get(ONLY):
                typed[ONLY] = "on" if only == ["true"] else "off"
            on = None if ON not in changed else changed[ON] == ["true"]
            each = None if EACH not in changed else "".join(changed[EACH])
            fixes = MODEL_SETTING[BY_COMMAND[self.part]] in sent
            typed = of_command(self.part, present, typed, on=on, each=each, fixes=fixes)
        await choose(interaction, self.spot, typed, part=self.part)


def _apart(filled: Mapping[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """The parts of a form, each of its boxes by itself."""
    for name, said in filled.items():
        if name == BOXES:
            yield from ((box, [str(box in said).lower()]) for box in (ON, ONLY))
        else:
            yield name, said


async def open_form(interaction: Interaction, spot: Spot, part: str, *, again: bool = False) -> None:
    """The form with what applies there in it, or what is chosen and not applied yet. `again`: with what was refused."""
    look = await look_at(interaction, spot.looked_at(interaction))
    draft = await draft_of(interaction, spot)
    locale = locale_of(interaction.locale)
    personas = [str(one.name) for one in personas_at(look.rules)]
    fields: dict[str, Field] = {}
    locked: list[Setting] = []
    for setting in settings_in(part, spot.topic, page_of(look, spot)):
        if spot.scope is not Scope.SERVER and not setting.narrows and lock_sign(look, setting.key):
            locked.append(setting)
        elif spot.scope in setting.scopes and (look.shows(setting) or setting.topic is spot.topic):
            field = field_of(interaction, setting, value_in(draft, look, spot, setting), personas)
            if field is not None:
                fields[setting.key] = field
    if part in BY_COMMAND:
        chooses_model = MODEL_SETTING[BY_COMMAND[part]] in fields
        language = fields.pop(LANGUAGE, None)
        fields |= dict(_of_command(locale, part, look, draft, spot, chooses_model=chooses_model))
        if language is not None:
            fields[LANGUAGE] = language
    if not fields and locked:
        raise NotAllowed("config.locked", setting=locked[0].name)
    if not fields:
        raise NotAllowed("config.too_long_for_form", most=4000)
    marks = [mark for field in fields.values() for mark in field.marks]
    form = SettingsForm(spot, part, list(fields.values()), marks, locale)
    form.title = shorten(f"{form.title} · {_place(interaction, locale, spot)}", TITLE_LIMIT)
    if again:
        refill(interaction, form, f"{spot.custom_id('again')}:{part}")
    await form.open(interaction)


def _place(interaction: Interaction, locale: str, spot: Spot) -> str:
    if interaction.guild is None or spot.scope is Scope.SERVER:
        return text(locale, "config.direct" if interaction.guild is None else "config.scope_server")
    channel = interaction.guild.get_channel_or_thread(spot.id)
    return f"#{one_line(channel.name)}" if channel is not None else text(locale, "config.scope_channel")


def _of_command(
    locale: str, part: str, look: Look, draft: Draft, spot: Spot, *, chooses_model: bool
) -> Iterator[tuple[str, Field]]:
    """What is kept in lists of all commands, of one of them. Where its model is locked, the box says which it is."""
    commands, patterns, limits = (
        cast("list[str]", value_in(draft, look, spot, SETTINGS[key]) or [])
        for key in ("commands", "allowed_models", "limits")
    )
    model = str(value_in(draft, look, spot, SETTINGS[MODEL_SETTING[BY_COMMAND[part]]]))
    only = text(locale, "setup.only_model") if chooses_model else text(locale, "setup.only_named", model=model)
    options = {
        ON: (text(locale, "setup.command_on", command=f"/{part}"), part in commands),
        ONLY: (shorten(only, HINT_LIMIT), is_only(patterns, part, model)),
    }
    yield BOXES, boxes(BOXES, f"/{part}", options)
    if look.shows(SETTINGS["limits"]):
        most, label, hint = limit_in(limits, part), text(locale, EACH_NAMES[part]), text(locale, "setup.no_limit")
        yield EACH, Field(text_input(EACH, label, hint, present=most, short=True, required=False), ([most],))


def value_in(draft: Draft, look: Look, spot: Spot, setting: Setting) -> object:
    """What would apply there if the draft were applied; of a list that adds up, the place's own part."""
    step = draft.get(setting.key)
    if step is not None and step.after is not None:
        return setting.meant(step.after)
    return look.own(spot.scope, setting.key) if setting.adds_up else look.rules.value(setting.key)


async def edit_again(
    interaction: Interaction, spot: Spot, part: str | None, filled: Filled, said: Sequence[str]
) -> Card:
    """What was typed behind a command can't be used: why, and the button that opens a form with it. `part` None: the
    one that holds the first of what is `filled`.
    """
    locale = locale_of(interaction.locale)
    if part is None:
        look = await look_at(interaction, spot.looked_at(interaction))
        part = part_of(SETTINGS[next(iter(filled))], page_of(look, spot))
    custom_id = f"{spot.custom_id('again')}:{part}"
    keep(interaction, custom_id, filled)
    return Card(ui.TextDisplay("\n".join(said)), row(again_button(locale, custom_id)))


def server_values(look: Look) -> Mapping[str, Json]:
    """What the server of a place has set."""
    return cast("Mapping[str, Json]", look.values.get((Scope.SERVER, look.place.guild_id or 0), {}))


def read_typed(
    interaction: Interaction, spot: Spot, look: Look, typed: Mapping[str, str | None], part: str | None
) -> tuple[dict[str, Value | None], dict[str, str]]:
    """The values to store (None: to be cleared); and why some of what was typed can't be used, by their settings."""
    locale, server = locale_of(interaction.locale), server_values(look)
    values: dict[str, Value | None] = {}
    refused: dict[str, str] = {}
    for key, words in typed.items():
        try:
            values[key] = None if words is None else validity.typed_there(interaction, spot.place, key, words, server)
        except Refusal as why:
            shown = escape(shorten(one_line(words or ""), TYPED_LIMIT))
            refused[key] = refusal(locale, key, shown, why, part)
    return values, refused


def holding(look: Look, values: Mapping[str, object]) -> dict[str, object]:
    """What holds there by wider places where nothing is set, of what is to get these values. Not the model that alone
    is to be allowed: it is set, whatever holds.
    """
    patterns = cast("Sequence[str]", values.get("allowed_models") or ())
    alone = {key for kind, key in MODEL_SETTING.items() if is_only(patterns, kind.command, str(values.get(key)))}
    return {key: [] if SETTINGS[key].adds_up else look.rules.value(key) for key in values.keys() - alone}


def _undo_there(interaction: Interaction) -> str | None:
    """What the panel's button takes back that stands there now: who chooses something else does not lose it."""
    there = interaction.message.components if interaction.message is not None else []
    found = next((name for name in custom_ids_in(there) if name.startswith("setup:undo:")), None)
    return None if found is None else found.split(":", 5)[5]


async def choose(
    interaction: Interaction,
    spot: Spot,
    typed: Mapping[str, str | None],
    *,
    part: str | None = None,
    filled: Filled | None = None,
) -> None:
    """Put what was typed or chosen into the draft (None: to be cleared), and show the panel. Of what can't be used the
    panel says why, and the rest is kept. `part`: the form that is opened again with what was sent, or is `filled`.
    """
    look = await look_at(interaction, spot.looked_at(interaction))
    values, refused = read_typed(interaction, spot, look, typed, part)
    await interaction.client.the(Database).run(
        drafts.add,
        interaction.user.id,
        spot.place,
        cast("Mapping[str, Json | None]", values),
        holding=holding(look, values),
        guild_id=interaction.guild_id,
        now=time.time(),
    )
    again = part if refused else None
    if again is not None:
        keep(interaction, f"{spot.custom_id('again')}:{again}", filled)
    view = await panel(interaction, spot, said=list(refused.values()), undo=_undo_there(interaction), again=again)
    await show(interaction, view)
    for key in refused:
        if len(words := typed[key] or "") > TYPED_LIMIT:
            await give_back(interaction, words)
