"""Where an interaction happens, and what Discord reckons that its person may do there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import discord

from bot.clock import steady
from bot.kit.bot import Interaction
from bot.settings import Place

GUILD_INSTALL, USER_INSTALL = 0, 1
"""In Discord's `authorizing_integration_owners`."""
TOKEN_SECONDS = 15 * 60 - 15
"""An interaction's token lives 15 minutes (Discord); a little is left for the way here."""


def place_of(interaction: Interaction) -> Place:
    """The channel, and where it is known its thread, category and server."""
    return place_at(interaction.channel, interaction.channel_id or 0, interaction.guild_id)


def place_at(channel: object, channel_id: int, guild_id: int | None) -> Place:
    """As far as the library knows `channel`, the place of this id."""
    if isinstance(channel, discord.Thread):
        parent = channel.parent
        return Place(
            channel_id=channel.parent_id,
            thread_id=channel.id,
            category_id=parent.category_id if parent else None,
            guild_id=guild_id,
        )
    category_id = getattr(channel, "category_id", None)
    return Place(channel_id=channel_id, category_id=category_id, guild_id=guild_id)


def token_of(interaction: Interaction) -> dict[str, Any]:
    """The columns of a row whose message, the one that was pressed, an interaction edits from now on."""
    return {"token": interaction.token, "token_expires_at": steady() + TOKEN_SECONDS, "original": True}


def log_fields(interaction: Interaction) -> dict[str, Any]:
    """Who did what where, for the log: ids and the command's name or the pressed custom_id, never what was written.

    Also of an interaction that the library could read in parts only.
    """
    data = cast("dict[str, Any]", interaction.data) if isinstance(interaction.data, dict) else {}
    typed = interaction.type is discord.InteractionType.application_command
    command = interaction.command if typed and "name" in data else None
    return {
        "interaction": interaction.id,
        "command": None if command is None else command.qualified_name,
        "custom_id": data.get("custom_id"),
        "guild": interaction.guild_id,
        "channel": interaction.channel_id,
        "person": getattr(interaction.user, "id", None),
    }


def roles_there(guild: discord.Guild | None, ids: Iterable[int]) -> list[discord.Object]:
    """Those that are not gone, as a menu has them chosen: Discord refuses one with a role in it that is."""
    found = [guild.get_role(id_) for id_ in ids] if guild is not None else []
    return [discord.Object(role.id, type=discord.Role) for role in found if role is not None]


def channels_there(guild: discord.Guild | None, ids: Iterable[int]) -> list[discord.Object]:
    """As `roles_there`."""
    found = [guild.get_channel_or_thread(id_) for id_ in ids] if guild is not None else []
    return [discord.Object(channel.id, type=type(channel)) for channel in found if channel is not None]


def roles_of(person: discord.User | discord.Member) -> frozenset[int]:
    """The ids of the person's roles in the server they are in."""
    return frozenset(role.id for role in person.roles) if isinstance(person, discord.Member) else frozenset()


def is_age_restricted(channel: object) -> bool:
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    return bool(getattr(channel, "nsfw", False))


def is_user_installed_only(interaction: Interaction) -> bool:
    """Whether the bot is here only because somebody has it installed for themselves: who typed, or whose message is
    pressed, by whomever. The library's `is_user_integration` is of who pressed.
    """
    owners = interaction._integration_owners  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - told nowhere else
    return USER_INSTALL in owners and not interaction.is_guild_integration()


def is_moderator(interaction: Interaction) -> bool:
    """Whether who pressed may act on others' messages here (Manage Messages, as Discord computed it)."""
    return interaction.guild_id is not None and interaction.permissions.manage_messages


def may_read(channel: discord.abc.GuildChannel | discord.Thread, person: discord.Member) -> bool:
    """Whether Discord shows that person what was written there. Of a private thread only who moderates it is known."""
    try:
        granted = channel.permissions_for(person)
    except discord.ClientException:  # a thread whose channel is gone
        return False
    if isinstance(channel, discord.Thread) and channel.is_private() and not granted.manage_threads:
        return False
    return reads(channel, granted)


def reads(channel: discord.abc.GuildChannel | discord.Thread, granted: discord.Permissions) -> bool:
    """Whether who has these permissions there may read back: in a voice channel not who may not connect (Discord)."""
    listens = granted.connect or not isinstance(channel, discord.VoiceChannel | discord.StageChannel)
    return granted.view_channel and granted.read_message_history and listens


def is_direct(interaction: Interaction) -> bool:
    """Whether it comes from direct messages with the bot itself. Discord need not name the context: then whose
    installation allows it tells, 0 for these messages, and what kind of channel it is.
    """
    if interaction.guild_id is not None or interaction.context.to_array():
        return interaction.context.dm_channel
    owners = interaction._integration_owners  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - told nowhere else
    alone = isinstance(interaction.channel, discord.DMChannel) and USER_INSTALL not in owners
    return owners.get(GUILD_INSTALL) == 0 or alone


def is_token_only(interaction: Interaction) -> bool:
    """Whether the bot itself does not reach the channel (user-installed, group DMs): only the token edits there."""
    if interaction.guild_id is not None:
        return is_user_installed_only(interaction)
    return not is_direct(interaction)
