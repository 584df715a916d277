"""/config: the models of a channel, for who may manage it."""

from __future__ import annotations

import time

from discord import app_commands
from discord.ext import commands

from bot.errors import BadValue, NotAllowed, UnknownModel
from bot.i18n import locale_of
from bot.settings import SETTINGS, Scope, Setting, Value
from bot.store import settings
from bot.ui.callers import place_of
from bot.ui.commands import localised, model_choices
from bot.ui.config_cards import changed, overview
from bot.ui.responses import answer
from bot.ui.typing import Bot, Interaction

CHOICES = [app_commands.Choice(name=key, value=key) for key in SETTINGS]


@app_commands.default_permissions(manage_channels=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
class Config(commands.GroupCog, group_name="config", group_description=localised("command.config")):
    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    @app_commands.command(name="set", description=localised("command.config.set"))
    @app_commands.describe(setting=localised("command.config.setting"), value=localised("command.config.value"))
    @app_commands.choices(setting=CHOICES)
    async def set_value(self, interaction: Interaction, setting: str, value: app_commands.Range[str, 1, 6000]) -> None:
        declared = SETTINGS[setting]
        check_manager(interaction, declared)
        parsed = self._parse(declared, value)
        place = place_of(interaction)
        await self.bot.resources.database.run(
            settings.put,
            scope=declared.narrowest,
            scope_id=place.id_of(declared.narrowest),
            key=declared.key,
            value=parsed,
            changed_by=interaction.user.id,
            now=time.time(),
            guild_id=place.guild_id,
        )
        unchecked = self.bot.resources.catalogue.knows(str(parsed)) is None
        view = changed(locale_of(interaction.locale), declared, str(parsed), place, unchecked=unchecked)
        await answer(interaction, view, ephemeral=True)

    @app_commands.command(description=localised("command.config.reset"))
    @app_commands.describe(setting=localised("command.config.setting"))
    @app_commands.choices(setting=CHOICES)
    async def reset(self, interaction: Interaction, setting: str) -> None:
        declared = SETTINGS[setting]
        check_manager(interaction, declared)
        scope = declared.narrowest
        await self.bot.resources.database.run(
            settings.remove, scope=scope, scope_id=place_of(interaction).id_of(scope), key=setting
        )
        await self._show(interaction)

    @app_commands.command(description=localised("command.config.show"))
    async def show(self, interaction: Interaction) -> None:
        check_manager(interaction)
        await self._show(interaction)

    @set_value.autocomplete("value")
    async def values(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        setting = SETTINGS.get(str(getattr(interaction.namespace, "setting", "")))
        return await model_choices(interaction, setting.kind, typed) if setting and setting.kind else []

    async def _show(self, interaction: Interaction) -> None:
        place = place_of(interaction)
        effective = await self.bot.resources.orders.effective(place)
        view = overview(locale_of(interaction.locale), effective, place.thread_id or place.channel_id)
        await answer(interaction, view, ephemeral=True)

    def _parse(self, setting: Setting, value: str) -> Value:
        try:
            parsed = setting.parse(value)
        except ValueError as error:
            raise BadValue(str(error)) from None
        catalogue = self.bot.resources.catalogue
        if setting.kind and catalogue.knows(str(parsed)) is False:
            raise UnknownModel(str(parsed), catalogue.names())
        return parsed


def check_manager(interaction: Interaction, setting: Setting | None = None) -> None:
    """`default_permissions` only hides a command: a server may show it to anyone, so it is checked when it runs."""
    of_server = setting is not None and setting.narrowest is Scope.SERVER
    if interaction.guild_id is None:
        if of_server:
            raise NotAllowed("config.only_in_servers")
    elif not interaction.permissions.manage_channels:
        raise NotAllowed("config.not_allowed")
    elif of_server and not interaction.permissions.manage_guild:
        raise NotAllowed("config.not_allowed_server")


async def setup(bot: Bot) -> None:
    await bot.add_cog(Config(bot))
