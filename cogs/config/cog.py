"""/config: everything that moderators set, for who manages the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import BadValue, UnknownModel
from bot.i18n import locale_of
from bot.kit.bot import Bot, Interaction
from bot.kit.commands import localised
from bot.kit.components import INPUT_LIMIT, Card
from bot.kit.error_path import sentence
from bot.kit.places import place_of
from bot.kit.responses import answer
from bot.kit.short_cards import note
from bot.settings import Scope, Setting
from bot.settings.entries import Entries
from bot.settings.locks import LOCKS
from cogs.config import cards, changes, managers, overrides, pausing, transfer, validity
from cogs.config.bars import BAR_ITEMS, BarCommands, BarForm
from cogs.config.choices import SCOPES, scope_of, suggested_settings, suggested_values
from cogs.config.copying import COPY_ITEMS, Copies
from cogs.config.credit_commands import CreditCommands
from cogs.config.history import HISTORY_ITEMS
from cogs.config.history_commands import HistoryCommands
from cogs.config.one_command import CommandSettings
from cogs.config.open_log import OpenLogButton, open_log_question
from cogs.config.panel import all_settings
from cogs.config.panel_form import edit_again
from cogs.config.personas import PERSONA_ITEMS, PERSONAS, PersonaForm
from cogs.config.service_prices import SERVICE_ITEMS
from cogs.config.spots import Spot
from cogs.config.styles import STYLE_ITEMS, STYLES, StyleForm
from cogs.config.validity import setting_of

if TYPE_CHECKING:
    from bot.settings.stored import Json


@app_commands.default_permissions(manage_channels=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class Config(
    BarCommands,
    CreditCommands,
    HistoryCommands,
    CommandSettings,
    commands.GroupCog,
    group_name="config",
    group_description=localised("command.config"),
):
    in_help = ("set", "command", "pause")
    items = (OpenLogButton, *BAR_ITEMS, *COPY_ITEMS, *HISTORY_ITEMS, *SERVICE_ITEMS, *PERSONA_ITEMS, *STYLE_ITEMS)
    modals = (BarForm, PersonaForm, StyleForm)

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        bot.keep(Copies())

    async def interaction_check(self, interaction: Interaction) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride] - of our own client
        """Of every command here, once; what is changed then is asked for at its own place (`managers.target`)."""
        managers.check_here(interaction)
        return True

    @app_commands.command(name="set", description=localised("command.config.set"))
    @app_commands.describe(
        setting=localised("command.config.setting"),
        value=localised("command.config.value"),
        scope=localised("command.config.scope"),
    )
    @app_commands.choices(scope=SCOPES)
    async def set_value(
        self,
        interaction: Interaction,
        setting: str,
        value: app_commands.Range[str, 1, 6000],
        scope: str | None = None,
    ) -> None:
        asked = scope_of(scope)
        declared = setting_of(setting)
        try:
            locks = validity.parse(interaction, declared, value) if declared.key == LOCKS else None
            taken = await overrides.overridden(interaction, {LOCKS: cast("Json", locks)})
            made = await changes.change(interaction, declared, asked, value)
        except changes.ReadByOthers as open_:
            await cards.respond(interaction, open_log_question(interaction, open_))
            return
        except (BadValue, UnknownModel) as refused:
            await cards.respond(interaction, await _refused(interaction, declared, asked, value, refused))
            return
        locale = locale_of(interaction.locale)
        said = cards.outcome(locale, made, asked=asked) + overrides.said(locale, taken)
        await cards.respond(interaction, note("\n".join(said)))

    @app_commands.command(description=localised("command.config.reset"))
    @app_commands.describe(setting=localised("command.config.setting"), scope=localised("command.config.scope"))
    @app_commands.choices(scope=SCOPES)
    async def reset(self, interaction: Interaction, setting: str, scope: str | None = None) -> None:
        asked = scope_of(scope)
        made = await changes.change(interaction, setting_of(setting), asked, None)
        said = cards.outcome(locale_of(interaction.locale), made, asked=asked)
        await cards.respond(interaction, note("\n".join(said)))

    @app_commands.command(description=localised("command.config.show"))
    @app_commands.describe(channel=localised("command.config.which"))
    async def show(
        self,
        interaction: Interaction,
        channel: app_commands.AppCommandChannel | app_commands.AppCommandThread | None = None,
    ) -> None:
        place = place_of(interaction) if channel is None else managers.place_there(interaction, channel.id)
        look = await changes.look_at(interaction, place)
        await cards.respond(interaction, cards.overview(interaction, look, all_settings(interaction, look)))

    @app_commands.command(description=localised("command.config.export"))
    async def export(self, interaction: Interaction) -> None:
        view, file = await transfer.export(interaction)
        files = [] if file is None else [file]
        await answer(interaction, view, files=files, ephemeral=True)

    @app_commands.command(name="import", description=localised("command.config.import"))
    @app_commands.describe(file=localised("command.config.file"))
    async def take_in(self, interaction: Interaction, file: discord.Attachment) -> None:
        await cards.respond(interaction, await transfer.take_in(interaction, file))

    @app_commands.command(description=localised("command.config.pause"))
    @app_commands.describe(scope=localised("command.config.scope"))
    @app_commands.choices(scope=SCOPES)
    async def pause(self, interaction: Interaction, scope: str | None = None) -> None:
        where = await pausing.pause(interaction, scope_of(scope))
        view = cards.paused(locale_of(interaction.locale), *where, guild_id=interaction.guild_id)
        await cards.respond(interaction, view)

    @app_commands.command(description=localised("command.config.resume"))
    @app_commands.describe(scope=localised("command.config.scope"))
    @app_commands.choices(scope=SCOPES)
    async def resume(self, interaction: Interaction, scope: str | None = None) -> None:
        where = await pausing.resume(interaction, scope_of(scope))
        view = cards.resumed(locale_of(interaction.locale), *where, guild_id=interaction.guild_id)
        await cards.respond(interaction, view)

    @app_commands.command(name="personas", description=localised("command.config.personas"))
    async def show_personas(self, interaction: Interaction) -> None:
        await cards.respond(interaction, await PERSONAS.card(interaction))

    @app_commands.command(name="styles", description=localised("command.config.styles"))
    async def show_styles(self, interaction: Interaction) -> None:
        await cards.respond(interaction, await STYLES.card(interaction))

    @set_value.autocomplete("setting")
    @reset.autocomplete("setting")
    async def settings(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await suggested_settings(interaction, typed, interaction.namespace.scope)

    @set_value.autocomplete("value")
    async def values(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        named = interaction.namespace
        return await suggested_values(interaction, str(named.setting), typed, named.scope)


async def _refused(
    interaction: Interaction, setting: Setting, asked: Scope | None, typed: str, why: BadValue | UnknownModel
) -> Card:
    """Why a value can't be used, and the way to a form with it. Raises `why` where no form holds it."""
    if isinstance(setting.kind, Entries) or len(typed) > INPUT_LIMIT:
        raise why
    spot = Spot(*managers.target(interaction, asked, setting), setting.topic)
    said = sentence(why, locale_of(interaction.locale)) or ""
    return await edit_again(interaction, spot, None, {setting.key: [typed]}, [said])
