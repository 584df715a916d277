"""/setup: the panel, and the one time that a server's managers are asked whether they want to begin with it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.generation.work.claims import Claims
from bot.i18n import locale_of, text
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.components import Card, SafeButton, button, row
from bot.kit.own_choices import Choices
from bot.kit.places import is_user_installed_only
from bot.kit.responses import PASSING, answer, replace_message
from bot.settings import changes as store
from bot.store import key_values
from bot.store.database import Database, StoreUnavailable
from cogs.config import managers
from cogs.config.choices import COMMANDS
from cogs.config.panel import panel
from cogs.config.panel_form import open_form
from cogs.config.panel_items import PANEL_FORMS, PANEL_ITEMS
from cogs.config.presets import is_set_up, presets_card
from cogs.config.spots import Spot

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)

START = "setup:start"


class StartButton(SafeButton, template=START):
    """Under the offer to set a server up."""

    def __init__(self) -> None:
        super().__init__(button("–", START))

    @classmethod
    def from_match(cls, match: object) -> StartButton:
        del match
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await replace_message(interaction, await _first_page(interaction))


class Setup(FeatureCog):
    items = (*PANEL_ITEMS, StartButton)
    modals = PANEL_FORMS

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        self._asked = set[int]()
        """Servers that are known to need no offer: the store is asked once a server and process."""

    @app_commands.command(name="setup", description=localised("command.setup"))
    @app_commands.default_permissions(manage_channels=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.describe(command=localised("command.setup.form"))
    @app_commands.choices(command=COMMANDS)
    async def set_up(self, interaction: Interaction, command: str | None = None) -> None:
        managers.check_here(interaction)
        if command is None:
            await answer(interaction, await _first_page(interaction), ephemeral=True)
        else:
            await open_form(interaction, Spot.here(interaction), command)
        if interaction.guild_id is not None:
            await interaction.client.the(Database).run(_offer, interaction.guild_id)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """What is under way in a channel that is moved has its new category's settings, as commands there have."""
        if before.category_id != after.category_id:
            await self.bot.the(Claims).channel_moved(after.id, after.category_id)

    @commands.Cog.listener()
    async def on_app_command_completion(self, interaction: Interaction, command: object) -> None:
        """After the first command of somebody who manages a server where nothing was ever set."""
        del command
        guild_id = interaction.guild_id
        if guild_id is None or interaction.guild is None or is_user_installed_only(interaction):
            return
        if guild_id in self._asked or not interaction.permissions.manage_guild or not interaction.response.is_done():
            return
        self._asked.add(guild_id)
        try:
            if await self.bot.the(Database).run(_offer, guild_id):
                # /settings, the command that came first, may have just changed it.
                self.bot.the(Choices).speak(interaction)
                locale = locale_of(interaction.locale)
                said: ui.TextDisplay[Any] = ui.TextDisplay(text(locale, "setup.offer"))
                start = button(text(locale, "button.set_up"), START, style=discord.ButtonStyle.primary)
                await interaction.followup.send(view=Card(said, row(start)), ephemeral=True)
        except (StoreUnavailable, discord.ClientException, *PASSING) as error:
            log.warning("the offer to set a server up was not made: %s", error)


async def _first_page(interaction: Interaction) -> Card:
    """The presets, where nobody has set anything yet; else the panel."""
    managers.check_here(interaction)
    if await is_set_up(interaction) or not interaction.permissions.manage_guild:
        return await panel(interaction, Spot.here(interaction))
    return await presets_card(interaction, first=True)


def _offer(connection: Connection, guild_id: int) -> bool:
    """Whether a server is to be offered to be set up: once, and only where nothing was ever set."""
    return key_values.put_new(connection, f"setup:{guild_id}", "offered") and not store.is_any_set(connection, guild_id)
