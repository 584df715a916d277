"""/config history and undo: what was changed, and how it is taken back."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.errors import BadValue
from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.periods import PERIODS, Period
from cogs.config import cards, history
from cogs.config.choices import suggested_changes, suggested_settings


class HistoryCommands(FeatureCog):
    """The commands, for the group."""

    @app_commands.command(name="history", description=localised("command.config.history"))
    @app_commands.describe(
        by=localised("command.config.history_by"),
        setting=localised("command.config.history_setting"),
        period=localised("command.gallery.period"),
    )
    @app_commands.choices(period=PERIODS)
    async def show_history(
        self,
        interaction: Interaction,
        by: discord.User | None = None,
        setting: str | None = None,
        period: str | None = None,
    ) -> None:
        search = history.Search(
            None if by is None else by.id,
            None if setting is None else history.key_of(setting),
            None if period is None else Period(period),
        )
        await cards.respond(interaction, await history.history_card(interaction, search))

    @app_commands.command(description=localised("command.config.undo"))
    @app_commands.describe(change=localised("command.config.change"))
    async def undo(self, interaction: Interaction, change: str | None = None) -> None:
        batch = None if change is None else number_of(change)
        await cards.respond(interaction, await history.undone_card(interaction, batch))

    @show_history.autocomplete("setting")
    async def noted(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await suggested_settings(interaction, typed, None)

    @undo.autocomplete("change")
    async def open_changes(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await suggested_changes(interaction, typed)


def number_of(typed: str) -> int:
    """BadValue: no number that a change can have."""
    digits = typed.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise BadValue("config.no_such_change")
    return int(digits)
