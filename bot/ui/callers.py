"""Who pressed or typed, and where: an interaction in the words of the floors below."""

from __future__ import annotations

from typing import Any

import discord

from bot.clock import steady
from bot.generation.callers import Caller
from bot.i18n import locale_of
from bot.settings import Place
from bot.ui.typing import Interaction

TOKEN_SECONDS = 15 * 60 - 15
"""An interaction's token lives 15 minutes (Discord); a little is left for the way here."""


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


def caller_of(interaction: Interaction, *, private: bool | None = None) -> Caller:
    """The order's caller; `token_only` where the bot itself can't reach the channel (user-installed, group DMs).

    `private` None: as it is set at the place.
    """
    in_guild = interaction.guild_id is not None
    bot_is_there = not is_user_installed_only(interaction) if in_guild else interaction.context.dm_channel
    return Caller(
        person_id=interaction.user.id,
        place=place_of(interaction),
        context="guild" if in_guild else "bot_dm" if interaction.context.dm_channel else "private_channel",
        locale=locale_of(interaction.locale),
        application_id=interaction.application_id,
        token=interaction.token,
        # By our own clock from its arrival: the id's time is Discord's clock, which ours may be minutes off.
        token_expires_at=steady() + TOKEN_SECONDS,
        private=private,
        token_only=not bot_is_there,
        roles=roles_of(interaction.user),
        age_restricted=_is_age_restricted(interaction),
        moderates=is_moderator(interaction),
        event_id=interaction.id,
    )


def token_of(interaction: Interaction) -> dict[str, Any]:
    """The columns of a row whose message an interaction edits from now on."""
    return {"token": interaction.token, "token_expires_at": steady() + TOKEN_SECONDS}


def roles_of(person: discord.User | discord.Member) -> frozenset[int]:
    """The ids of the person's roles in the server they are in."""
    return frozenset(role.id for role in person.roles) if isinstance(person, discord.Member) else frozenset()


def _is_age_restricted(interaction: Interaction) -> bool:
    channel = interaction.channel
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return bool(getattr(channel, "nsfw", False))


def is_user_installed_only(interaction: Interaction) -> bool:
    """Whether the bot is here only because who typed has it installed for themselves."""
    return interaction.is_user_integration() and not interaction.is_guild_integration()


def is_moderator(interaction: Interaction) -> bool:
    """Whether who pressed may act on others' messages here (Manage Messages, as Discord computed it)."""
    return interaction.guild_id is not None and interaction.permissions.manage_messages
