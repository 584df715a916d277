"""Remove, in the menu of the bot's messages: for moderators, and each for their own."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.ui.commands import localised
from bot.ui.removal import remove
from bot.ui.typing import Bot, Interaction


@app_commands.context_menu(name=localised("command.remove"))
async def remove_message(interaction: Interaction, message: discord.Message) -> None:
    # Shown to everybody, since each may remove their own: who may do it is checked when it runs.
    await remove(interaction, message)


async def setup(bot: Bot) -> None:
    bot.tree.add_command(remove_message)
