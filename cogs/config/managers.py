"""Who may change what. Where the command was used, Discord's own reckoning counts; elsewhere ours, from the cache."""

from __future__ import annotations

import discord

from bot.errors import NotAllowed
from bot.kit import places as kit_places
from bot.kit.bot import Interaction
from bot.kit.places import is_direct, is_user_installed_only, place_of
from bot.settings import Place, Scope, Setting
from bot.settings.changes import Realm


def check_here(interaction: Interaction) -> None:
    """NotAllowed unless the person manages this place: `default_permissions` only hides a command, and a server may
    show it to anyone. In direct messages with the bot everybody manages their own; those between people are nobody's.
    """
    if interaction.guild_id is None:
        if not is_direct(interaction):
            raise NotAllowed("config.only_own_direct")
        return
    if is_user_installed_only(interaction) or interaction.guild is None:
        raise NotAllowed("config.not_a_member")
    if not interaction.permissions.manage_channels:
        raise NotAllowed("config.not_allowed")


def may_change(interaction: Interaction, scope: Scope, id_: int) -> bool:
    """Manage Server for the server's settings and for places that are gone, else Manage Channels at that very place."""
    place = place_of(interaction)
    guild = interaction.guild
    if guild is None:
        return scope is Scope.CHANNEL and id_ == interaction.channel_id
    if scope is Scope.SERVER:
        return id_ == guild.id and interaction.permissions.manage_guild
    if scope is Scope.CHANNEL and id_ == place.here:
        return interaction.permissions.manage_channels
    channel = guild.get_channel_or_thread(id_)
    if channel is None:
        return interaction.permissions.manage_guild
    return _manages(interaction.user, channel)


def check(interaction: Interaction, scope: Scope, id_: int) -> None:
    """NotAllowed, with the permission that is missing, unless the person may change the settings of that place."""
    check_here(interaction)
    if may_change(interaction, scope, id_):
        return
    if scope is Scope.SERVER:
        raise NotAllowed("config.not_allowed_server")
    exists = interaction.guild is not None and interaction.guild.get_channel_or_thread(id_) is not None
    raise NotAllowed("config.not_allowed_there" if exists else "config.not_allowed_gone", place=f"<#{id_}>")


def _target(interaction: Interaction, scope: Scope | None, setting: Setting | None = None) -> tuple[Scope, int]:
    """The scope that is meant and its id here; what is of the whole server goes there by itself.

    NotAllowed: there is no such scope here.
    """
    place = place_of(interaction)
    meant = scope or Scope.CHANNEL
    if setting is not None and meant not in setting.scopes:
        meant = setting.narrowest
    if place.guild_id is None:
        if setting is not None and setting.servers_only:
            raise NotAllowed("config.only_in_servers")
        if meant is not Scope.CHANNEL:
            raise NotAllowed("config.no_server_here")
    id_ = place.id_of(meant)
    if id_ is None:
        raise NotAllowed("config.no_category")
    return meant, id_


def target(interaction: Interaction, scope: Scope | None, setting: Setting | None = None) -> tuple[Scope, int]:
    """What is meant, as `_target` has it. NotAllowed, with what is missing, unless the person may change that."""
    meant, id_ = _target(interaction, scope, setting)
    check(interaction, meant, id_)
    return meant, id_


def realm(interaction: Interaction) -> Realm:
    """What the person may see of the history and of the whole: all with Manage Server, else what they manage."""
    guild = interaction.guild
    channel_id = interaction.channel_id or 0
    if guild is None or interaction.permissions.manage_guild:
        return Realm(interaction.guild_id, channel_id)
    places = {
        (str(Scope.CATEGORY if isinstance(channel, discord.CategoryChannel) else Scope.CHANNEL), channel.id)
        for channel in (*guild.channels, *guild.threads)
        if _manages(interaction.user, channel)
    }
    # An archived thread is in no cache, and one may be typing in it.
    places.add((str(Scope.CHANNEL), channel_id))
    return Realm(guild.id, channel_id, frozenset(places))


def _manages(person: discord.User | discord.Member, channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    if not isinstance(person, discord.Member):
        return False
    try:
        return channel.permissions_for(person).manage_channels
    except discord.ClientException:  # a thread whose channel is gone
        return False


def place_there(interaction: Interaction, channel_id: int) -> Place:
    """A channel, thread or category of this server, to look at. NotAllowed: none, or the person does not manage it."""
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if channel is None:
        raise NotAllowed("config.unknown_place")
    if not _manages(interaction.user, channel):
        raise NotAllowed("config.not_allowed_there", place=f"<#{channel_id}>")
    return place_of_channel(channel)


def place_at(interaction: Interaction, scope: Scope, id_: int) -> Place:
    """What a scope's settings are looked at for: of a server or a category, what holds there if no channel has its own.

    NotAllowed: it is gone.
    """
    if scope is Scope.SERVER:
        return Place(channel_id=0, guild_id=id_)
    here = place_of(interaction)
    if scope is Scope.CHANNEL and id_ == here.here:
        return here
    channel = interaction.guild.get_channel_or_thread(id_) if interaction.guild is not None else None
    if channel is None:
        raise NotAllowed("config.unknown_place")
    return place_of_channel(channel)


def place_of_channel(channel: discord.abc.GuildChannel | discord.Thread) -> Place:
    """A channel, thread or category with all that it lies in."""
    if isinstance(channel, discord.CategoryChannel):
        return Place(channel.id, category_id=channel.id, guild_id=channel.guild.id)
    return kit_places.place_at(channel, channel.id, channel.guild.id)
