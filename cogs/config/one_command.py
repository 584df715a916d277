"""/config command: all that is usually set of one command, at once: one change, one undo."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Final, cast

import discord
from discord import app_commands, ui

from bot.errors import NotAllowed
from bot.i18n import locale_of, text
from bot.kinds import BY_COMMAND, Kind
from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.components import Card, button, row
from bot.settings import MODEL_SETTING, ROLES_SETTING, SETTINGS, Scope
from bot.store import events
from bot.store.database import Database
from cogs.config import advice, cards, changes, managers, validity
from cogs.config import draft_rows as drafts
from cogs.config.choices import COMMANDS, SCOPES, scope_of, suggested_values
from cogs.config.differences import difference
from cogs.config.panel import all_settings
from cogs.config.panel_form import edit_again, holding, read_typed, value_in
from cogs.config.panel_parts import BOXES, EACH, LANGUAGE, ON, ONLY, is_only, of_command
from cogs.config.spots import Spot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.settings.changes import Changed
    from cogs.config.changes import Look

_LANGUAGES: Final = [
    app_commands.Choice(name="English", value="en"),
    app_commands.Choice(name="简体中文", value="zh_CN"),
    app_commands.Choice(name=localised("config.own_language"), value="none"),
]


class _MovedMeanwhile(Exception):
    """Somebody else changed one of the settings between the look at it and the change: it is looked at anew."""


class CommandSettings(FeatureCog):
    """The command, for the group."""

    @app_commands.command(name="command", description=localised("command.config.command"))
    @app_commands.rename(is_on="on", only="only_model")
    @app_commands.describe(
        command=localised("command.config.of_command"),
        roles=localised("command.config.command_roles"),
        model=localised("command.config.command_model"),
        only=localised("command.config.command_only"),
        limit=localised("command.config.command_limit"),
        language=localised("command.config.command_language"),
        is_on=localised("command.config.command_on"),
        channel=localised("command.config.command_channel"),
        scope=localised("command.config.scope"),
    )
    @app_commands.choices(command=COMMANDS, language=_LANGUAGES, scope=SCOPES)
    async def of_command(  # noqa: PLR0917 - its options
        self,
        interaction: Interaction,
        command: str,
        roles: app_commands.Range[str, 1, 1000] | None = None,
        model: app_commands.Range[str, 1, 100] | None = None,
        only: bool | None = None,  # noqa: FBT001 - an option
        limit: app_commands.Range[str, 1, 100] | None = None,
        language: str | None = None,
        is_on: bool | None = None,  # noqa: FBT001 - an option
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
        scope: str | None = None,
    ) -> None:
        kind = BY_COMMAND[command]
        keys = {ROLES_SETTING[kind]: roles, MODEL_SETTING[kind]: model, LANGUAGE: language}
        typed = {key: said for key, said in keys.items() if said is not None}
        if only is not None:
            typed[ONLY] = "on" if only else "off"
        spot = _spot(interaction, channel, scope)
        await cards.respond(interaction, await _set(interaction, spot, command, typed, on=is_on, each=limit))

    @of_command.autocomplete("roles")
    async def _roles(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await _suggested(interaction, ROLES_SETTING, typed)

    @of_command.autocomplete("model")
    async def _models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await _suggested(interaction, MODEL_SETTING, typed)


async def _suggested(interaction: Interaction, keys: Mapping[Kind, str], typed: str) -> list[app_commands.Choice[str]]:
    kind = BY_COMMAND.get(str(interaction.namespace.command))
    return [] if kind is None else await suggested_values(interaction, keys[kind], typed, None)


def _spot(interaction: Interaction, channel: Any, scope: str | None) -> Spot:  # noqa: ANN401 - of several types
    if channel is not None:
        is_category = channel.type is discord.ChannelType.category
        return Spot(Scope.CATEGORY if is_category else Scope.CHANNEL, int(channel.id))
    return Spot(*managers.target(interaction, scope_of(scope)))


async def _set(
    interaction: Interaction,
    spot: Spot,
    command: str,
    typed: Mapping[str, str],
    *,
    on: bool | None,
    each: str | None,
) -> Card:
    """Change all of it, or nothing. The card says what, or why not."""
    if not typed and on is None and each is None:
        raise NotAllowed("config.nothing_chosen")
    locale = locale_of(interaction.locale)
    while True:
        look = await changes.look_at(interaction, spot.looked_at(interaction))
        fixes = spot.scope is Scope.SERVER or not cards.lock_sign(look, MODEL_SETTING[BY_COMMAND[command]])

        def present_value(key: str, look: Look = look) -> object:
            return value_in({}, look, spot, SETTINGS[key])

        said = of_command(command, present_value, typed, on=on, each=each, fixes=fixes)
        values, refused = read_typed(interaction, spot, look, said, command)
        if refused:
            filled = _filled(interaction, spot, command, look, typed, on=on, each=each)
            return await edit_again(interaction, spot, command, filled, list(refused.values()))
        present = cast("Mapping[str, Any]", look.values.get(spot.place, {}))
        draft = drafts.steps(present, cast("Mapping[str, Any]", values), holding(look, values))
        try:
            lines = await interaction.client.the(Database).run(
                events.once(interaction.id, _make),
                interaction.user.id,
                {spot.place: draft} if draft else {},
                guild_id=interaction.guild_id,
                now=time.time(),
            )
        except _MovedMeanwhile:
            continue
        return await _made(interaction, locale, spot, draft, lines)


def _make(connection: Any, person_id: int, wanted: drafts.Drafts, **where: Any) -> Sequence[Changed]:  # noqa: ANN401
    made = drafts.make(connection, person_id, wanted, **where)
    if made.moved:
        raise _MovedMeanwhile
    return made.lines


def _filled(
    interaction: Interaction,
    spot: Spot,
    command: str,
    look: Look,
    typed: Mapping[str, str],
    *,
    on: bool | None,
    each: str | None,
) -> dict[str, list[str]]:
    """What was typed, as the command's form would be sent."""
    kind = BY_COMMAND[command]
    filled = {key: [said] for key, said in typed.items() if key not in {ONLY, ROLES_SETTING[kind]}}
    if (roles := typed.get(ROLES_SETTING[kind])) is not None:
        setting = SETTINGS[ROLES_SETTING[kind]]
        filled[setting.key] = re.findall(r"\d+", validity.names_for(interaction).resolved(setting.kind, roles))
    model = str(value_in({}, look, spot, SETTINGS[MODEL_SETTING[kind]]))
    patterns = cast("list[str]", value_in({}, look, spot, SETTINGS["allowed_models"]))
    commands = cast("list[str]", value_in({}, look, spot, SETTINGS["commands"]))
    ticked = {
        ON: command in commands if on is None else on,
        ONLY: is_only(patterns, command, model) if ONLY not in typed else typed[ONLY] == "on",
    }
    filled[BOXES] = [box for box, is_ticked in ticked.items() if is_ticked]
    if each is not None:
        filled[EACH] = [each]
    return filled


async def _made(
    interaction: Interaction, locale: str, spot: Spot, draft: drafts.Draft, lines: Sequence[Changed]
) -> Card:
    place = spot.looked_at(interaction)
    where = cards.where(locale, *spot.place, guild_id=interaction.guild_id)
    look = await changes.look_at(interaction, place)
    if not lines:
        return Card(
            ui.TextDisplay(text(locale, "config.same_already", where=where)), row(all_settings(interaction, look))
        )
    said = [text(locale, "config.changed_there", where=where, number=lines[0].batch)]
    limit = cards.VALUE_LIMIT
    said += [difference(locale, key, step, interaction.guild, limit).said for key, step in draft.items()]
    said += await advice.of_lines(interaction, locale, lines)
    undo = button(text(locale, "button.undo"), f"{spot.custom_id('undo')}:{lines[0].batch}")
    return Card(ui.TextDisplay("\n".join(said)), row(undo, all_settings(interaction, look)))
