"""Permission bits and how Discord computes them (its "Permissions" topic)."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

from sandbox.discord.models import PRIVATE_THREAD

if TYPE_CHECKING:
    from sandbox.discord.models import Channel, Guild, Member


class Permission(IntFlag):
    """The bits a slash-command bot meets. Values: Discord's "Bitwise Permission Flags"."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


ALL = (1 << 53) - 1
NONE = 0
# What a new server gives to @everyone, of the bits above.
EVERYONE = int(
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
)
# In a direct message nobody grants anything: this is what one can do there.
DIRECT = EVERYONE | int(Permission.MENTION_EVERYONE)


def in_guild(guild: Guild, member: Member) -> int:
    """A member's permissions before any channel's overwrites."""
    if guild.owner_id == member.user.id:
        return ALL
    granted = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        granted |= guild.roles[role_id].permissions
    return ALL if granted & Permission.ADMINISTRATOR else granted


def in_channel(guild: Guild, channel: Channel, member: Member) -> int:
    """A member's permissions in a channel.

    A thread takes its parent's overwrites; a private one is there only for who is in it, and for moderators.
    """
    granted = in_guild(guild, member)
    if granted & Permission.ADMINISTRATOR:
        return ALL
    place = guild.channels.get(channel.parent_id or 0) if channel.is_thread else channel
    if place is None:
        return NONE
    everyone = place.overwrites.get(guild.id)
    if everyone is not None:
        granted = (granted & ~everyone.deny) | everyone.allow
    allow = deny = 0
    for role_id in member.role_ids:
        overwrite = place.overwrites.get(role_id)
        if overwrite is not None:
            allow |= overwrite.allow
            deny |= overwrite.deny
    granted = (granted & ~deny) | allow
    own = place.overwrites.get(member.user.id)
    if own is not None:
        granted = (granted & ~own.deny) | own.allow
    if channel.type == PRIVATE_THREAD and member.user.id not in channel.joined:
        granted = granted if granted & Permission.MANAGE_THREADS else NONE
    # Implicit: who can't see a channel can do nothing in it.
    return granted if granted & Permission.VIEW_CHANNEL else NONE
