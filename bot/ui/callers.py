"""Who pressed or typed, and where: an interaction in the words of the floors below."""

from __future__ import annotations

import discord

from bot.generation.orders import Caller
from bot.i18n import locale_of
from bot.settings import Place
from bot.ui.typing import Interaction


def place_of(interaction: Interaction) -> Place:
    """The channel, and where it is known its thread, category and server."""
    channel = interaction.channel
    channel_id = interaction.channel_id or 0
    if isinstance(channel, discord.Thread):
        parent = channel.parent
        return Place(
            channel_id=channel.parent_id,
            thread_id=channel.id,
            category_id=parent.category_id if parent else None,
            guild_id=interaction.guild_id,
        )
    category_id = getattr(channel, "category_id", None)
    return Place(channel_id=channel_id, category_id=category_id, guild_id=interaction.guild_id)


def caller_of(interaction: Interaction, *, private: bool = False) -> Caller:
    """The order's caller; `token_only` where the bot itself can't reach the channel (user-installed, group DMs)."""
    in_guild = interaction.guild_id is not None
    bot_is_there = interaction.is_guild_integration() if in_guild else interaction.context.dm_channel
    return Caller(
        person_id=interaction.user.id,
        place=place_of(interaction),
        context="guild" if in_guild else "bot_dm" if interaction.context.dm_channel else "private_channel",
        locale=locale_of(interaction.locale),
        application_id=interaction.application_id,
        token=interaction.token,
        token_expires_at=interaction.expires_at.timestamp(),
        private=private,
        token_only=not bot_is_there,
    )


def is_moderator(interaction: Interaction) -> bool:
    """Whether who pressed may act on others' messages here (Manage Messages, as Discord computed it)."""
    return interaction.guild_id is not None and interaction.permissions.manage_messages
