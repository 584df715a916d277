"""Remix this picture: in the menu of every message."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.kit.bot import Interaction
from bot.kit.commands import localised
from cogs.imagine import menus


@app_commands.context_menu(name=localised("command.remix_picture"))
async def remix_picture(interaction: Interaction, message: discord.Message) -> None:
    await menus.remix_picture(interaction, message)
