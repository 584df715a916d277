"""The panel's forms: several settings at once, each as it is now. What is left alone in one is not touched."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self, cast

from bot.errors import NotAllowed, Refusal
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kinds import BY_COMMAND
from bot.kit.bot import Interaction
from bot.kit.components import SafeForm, filled_in, text_input
from bot.kit.error_path import sentence
from bot.kit.message_parts import custom_ids_in
from bot.kit.responses import replace_message
from bot.kit.text_modals import give_back
from bot.settings import MODEL_SETTING, SETTINGS, Scope, Setting, Value
from bot.settings.changes import Change, refuse_locked
from bot.settings.topics import TOPIC_NAMES
from bot.store.database import Database
from bot.text import escape, one_line, shorten
from cogs.config import draft_rows as drafts
from cogs.config import validity
from cogs.config.cards import lock_sign
from cogs.config.changes import Look, look_at
from cogs.config.panel import draft_of, page_of, panel
from cogs.config.panel_fields import Field, field_of, flag, mark, typed_of
from cogs.config.panel_parts import (
    EACH,
    EACH_NAMES,
    ON,
    ONLY,
    PARTS,
    is_only,
    limit_in,
    settings_in,
    with_limit,
    with_only,
)
from cogs.config.spots import SPOT, Spot

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        filled = zip(filled_in(interaction).items(), self.marks, strict=False)
        changed = {name: said for (name, said), before in filled if mark(said) != before}
        look = await look_at(interaction, self.spot.looked_at(interaction))
        draft = await draft_of(interaction, self.spot)
        if ON in changed and self.part in BY_COMMAND:
            on = changed.pop(ON) == ["true"]
            present = cast("list[str]", value_in(draft, look, self.spot, SETTINGS["commands"]))
            changed["commands"] = [one for one in BY_COMMAND if (on if one == self.part else one in present)]
        typed = {name: typed_of(SETTINGS[name], said) for name, said in changed.items() if name in SETTINGS}
        if each := changed.get(EACH):
            present = value_in(draft, look, self.spot, SETTINGS["limits"])
            typed["limits"] = with_limit(cast("list[str]", present or []), self.part, each[0])
        if self.part in BY_COMMAND and (only := filled_in(interaction).get(ONLY)) is not None:
            key = MODEL_SETTING[BY_COMMAND[self.part]]
            model = typed.get(key) or str(value_in(draft, look, self.spot, SETTINGS[key]))
            patterns = cast("list[str]", value_in(draft, look, self.spot, SETTINGS["allowed_models"]))
            # Who chooses another model and leaves the box as it is, means that one.
            if ONLY in changed or (only == ["true"] and key in typed):
                typed["allowed_models"] = with_only(patterns, self.part, model if only == ["true"] else None)
        await choose(interaction, self.spot, typed)


async def open_form(interaction: Interaction, spot: Spot, part: str) -> None:
    """The form with what applies there in it, or what is chosen and not applied yet."""
    look = await look_at(interaction, spot.looked_at(interaction))
    draft = await draft_of(interaction, spot)
    locale = locale_of(interaction.locale)
    fields: list[Field] = []
    locked: list[Setting] = []
    if part in BY_COMMAND:
        commands = cast("list[str]", value_in(draft, look, spot, SETTINGS["commands"]))
        label = text(locale, "setup.command_on", command=f"/{part}")
        fields.append(flag(ON, label, None, on=part in commands))
    for setting in settings_in(part, spot.topic, page_of(look, spot)):
        if spot.scope is not Scope.SERVER and not setting.narrows and lock_sign(look, setting.key):
            locked.append(setting)
        elif spot.scope in setting.scopes and (look.shows(setting) or setting.topic is spot.topic):
            field = field_of(interaction, setting, value_in(draft, look, spot, setting))
            if field is not None:
                fields.append(field)
    if part in BY_COMMAND:
        model = str(value_in(draft, look, spot, SETTINGS[MODEL_SETTING[BY_COMMAND[part]]]))
        patterns = cast("list[str]", value_in(draft, look, spot, SETTINGS["allowed_models"]))
        fields.append(flag(ONLY, text(locale, "setup.only_model"), None, on=is_only(patterns, part, model)))
    if part in BY_COMMAND and look.shows(SETTINGS["limits"]):
        most = limit_in(cast("list[str]", value_in(draft, look, spot, SETTINGS["limits"]) or []), part)
        label, hint = text(locale, EACH_NAMES[part]), text(locale, "setup.no_limit")
        fields.append(Field(text_input(EACH, label, hint, present=most, short=True, required=False), [most]))
    if not fields and locked:
        raise NotAllowed("config.locked", setting=locked[0].name)
    if not fields:
        raise NotAllowed("config.too_long_for_form", most=4000)
    await SettingsForm(spot, part, fields, [field.mark for field in fields], locale).open(interaction)


def value_in(draft: Draft, look: Look, spot: Spot, setting: Setting) -> object:
    """What would apply there if the draft were applied; of a list that adds up, the place's own part."""
    step = draft.get(setting.key)
    if step is not None and step.after is not None:
        return setting.meant(step.after)
    return look.own(spot.scope, setting.key) if setting.adds_up else look.rules.value(setting.key)


def server_values(look: Look) -> Mapping[str, Json]:
    """What the server of a place has set."""
    return cast("Mapping[str, Json]", look.values.get((Scope.SERVER, look.place.guild_id or 0), {}))


def refusal(locale: str, key: str, value: str, refused: Refusal) -> str:
    """Why a value can't be used; the value itself where the reason does not say it."""
    why = sentence(refused, locale) or ""
    name = SETTINGS[key].name(locale)
    if isinstance(refused, NotAllowed) and refused.key.startswith("config.locked"):
        return why
    if value in why:
        return text(locale, "setup.refused_why", setting=name, why=why)
    return text(locale, "setup.refused", setting=name, value=value, why=why)


def _undo_there(interaction: Interaction) -> int | None:
    """What the panel's button takes back that stands there now: who chooses something else does not lose it."""
    there = interaction.message.components if interaction.message is not None else []
    found = next((name for name in custom_ids_in(there) if name.startswith("setup:undo:")), None)
    return None if found is None else int(found.rpartition(":")[2])


async def choose(interaction: Interaction, spot: Spot, typed: Mapping[str, str | None]) -> None:
    """Put what was typed or chosen into the draft (None: to be cleared), and show the panel. Of what can't be used the
    panel says why, and the rest is kept.
    """
    look, locale = await look_at(interaction, spot.looked_at(interaction)), locale_of(interaction.locale)
    server = server_values(look)
    values: dict[str, Value | None] = {}
    said: list[str] = []
    lost: list[str] = []
    for key, words in typed.items():
        setting = SETTINGS[key]
        try:
            if spot.scope not in setting.scopes:
                raise NotAllowed("config.whole_server")
            value = None if words is None else validity.parse(interaction, setting, words)
            refuse_locked([Change(spot.scope, spot.id, key, value)], server)
            values[key] = value
        except Refusal as refused:
            shown = escape(shorten(one_line(words or ""), TYPED_LIMIT))
            said.append(refusal(locale, key, shown, refused))
            lost += [words] if words and len(words) > TYPED_LIMIT else []
    holding: dict[str, object] = {key: [] if SETTINGS[key].adds_up else look.rules.value(key) for key in values}
    await interaction.client.the(Database).run(
        drafts.add,
        interaction.user.id,
        spot,
        cast("Mapping[str, Json | None]", values),
        holding=holding,
        guild_id=interaction.guild_id,
        now=time.time(),
    )
    await replace_message(interaction, await panel(interaction, spot, said=said, undo=_undo_there(interaction)))
    for words in lost:
        await give_back(interaction, words)
