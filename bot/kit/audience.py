"""Who reads a channel beyond those whom a private use is shown to: its moderators, where it was used.

Reckoned from roles and overwrites in the cache, as Discord does. Who has a role is not known (that is a privileged
intent), so a role that may be had without another counts as people of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import discord

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.settings import Place

Reader: TypeAlias = discord.Role | discord.Member | discord.Object
Channel: TypeAlias = discord.abc.GuildChannel | discord.Thread


def others_in(channel: Channel, place: Place, *, private: bool) -> list[Reader]:
    """Whose roles, or who by themselves, read `channel` and were not to read what was used at `place`.

    A `private` use is its moderators' to read, and nobody else's. Any other is everybody's who sees the place.
    @everyone stands for all of them.
    """
    guild = channel.guild
    source = guild.get_channel_or_thread(place.here)
    # One that the cache does not hold is taken for a private thread.
    closed = source is None or (isinstance(source, discord.Thread) and source.is_private())
    there = _outer(source) or guild.get_channel(place.channel_id)
    if there is None:
        return _readers(channel, _moderates_all)
    if not (private or closed) and _sees(there, guild.default_role):
        return []
    return _readers(channel, lambda reader: _may(there, reader, private=private, closed=closed))


def others_of_server(channel: Channel, scope_of: Channel | None) -> list[Reader]:
    """Whoever reads `channel` and moderates neither `scope_of` nor, with None, all of the server."""
    there = _outer(scope_of)
    if there is None:
        return _readers(channel, _moderates_all)
    return _readers(channel, lambda reader: _may(there, reader, private=True, closed=False))


def _readers(channel: Channel, know: Callable[[Reader], bool]) -> list[Reader]:
    """Of a thread, who reads its channel: any of them may be let in."""
    guild, outer = channel.guild, _outer(channel)
    if outer is None:
        return [guild.default_role]
    # Only a bot has a role of its own.
    roles: list[Reader] = [role for role in guild.roles if not role.is_bot_managed()]
    people = [each for each in outer.overwrites if not isinstance(each, discord.Role)]
    ours = {guild.me.id, guild.owner_id}
    found = [one for one in (*roles, *(each for each in people if each.id not in ours)) if _sees(outer, one)]
    unknowing = [one for one in found if not know(one)]
    return [guild.default_role] if guild.default_role in unknowing else unknowing


def _may(channel: discord.abc.GuildChannel, reader: Reader, *, private: bool, closed: bool) -> bool:
    granted = _permissions(channel, reader)
    moderates = granted.manage_messages or not private
    return granted.view_channel and moderates and (granted.manage_threads or not closed)


def _moderates_all(reader: Reader) -> bool:
    if isinstance(reader, discord.Role):
        return reader.permissions.administrator or reader.permissions.manage_messages
    return isinstance(reader, discord.Member) and reader.guild_permissions.manage_messages


def _sees(channel: discord.abc.GuildChannel, reader: Reader) -> bool:
    return _permissions(channel, reader).view_channel


def _permissions(channel: discord.abc.GuildChannel, reader: Reader) -> discord.Permissions:
    """Of a person whose roles are not known: what @everyone may, and what the channel gives to them."""
    if isinstance(reader, discord.Role | discord.Member):
        return channel.permissions_for(reader)
    granted = channel.permissions_for(channel.guild.default_role)
    own = next((each for target, each in channel.overwrites.items() if target.id == reader.id), None)
    if own is not None:
        allow, deny = own.pair()
        granted.handle_overwrite(allow.value, deny.value)
    return granted


def _outer(channel: Channel | None) -> discord.abc.GuildChannel | None:
    return channel.parent if isinstance(channel, discord.Thread) else channel
