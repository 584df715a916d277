"""Remove and Report, in the menu of the bot's messages: for moderators and each for their own, and for everybody."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.i18n import locale_of
from bot.kit.bot import Bot, Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from bot.kit.own_token import OwnToken
from bot.kit.posting import Posting
from cogs.remove.removal import remove
from cogs.remove.report_buttons import (
    BarForm,
    BarReportedButton,
    CloseReportButton,
    RemoveReportedButton,
    RemoveSurelyButton,
)
from cogs.remove.report_form import ReportForm
from cogs.remove.reports import Reports


@app_commands.context_menu(name=localised("command.remove"))
async def remove_message(interaction: Interaction, message: discord.Message) -> None:
    # Shown to everybody, since each may remove their own: who may do it is checked when it runs.
    await remove(interaction, message)


@app_commands.context_menu(name=localised("command.report"))
async def report_message(interaction: Interaction, message: discord.Message) -> None:
    await interaction.client.the(Reports).check(interaction, message)
    await ReportForm(message.id, locale=locale_of(interaction.locale)).open(interaction)


class Remove(FeatureCog):
    menus = (remove_message, report_message)
    items = (RemoveReportedButton, RemoveSurelyButton, BarReportedButton, CloseReportButton)
    modals = (BarForm, ReportForm)

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        bot.keep(Reports(bot, Posting(bot, bot.the(OwnToken))))
