"""Remove, in the menu of the bot's messages: for moderators, and each for their own."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.kit.bot import Interaction
from bot.kit.cog import FeatureCog
from bot.kit.commands import localised
from cogs.remove.removal import remove


@app_commands.context_menu(name=localised("command.remove"))
async def remove_message(interaction: Interaction, message: discord.Message) -> None:
    # Shown to everybody, since each may remove their own: who may do it is checked when it runs.
    await remove(interaction, message)


class Remove(FeatureCog):
    menus = (remove_message,)
