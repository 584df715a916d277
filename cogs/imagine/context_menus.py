"""Change this image: in the menu of every message."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.kit.bot import Interaction
from bot.kit.commands import localised
from cogs.imagine import change


@app_commands.context_menu(name=localised("command.change_image"))
async def change_image(interaction: Interaction, message: discord.Message) -> None:
    await change.change_picture(interaction, message)
