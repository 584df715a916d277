"""What a value must be at the place where it is set: that models, roles and channels exist is known only here."""

from __future__ import annotations

import re

import discord

from bot.api.catalogue import ModelCatalogue
from bot.api.models import by_kind, fitting, meant
from bot.errors import BadValue, NotAllowed, UnknownModel
from bot.i18n import LOCALES
from bot.kit.bot import Interaction
from bot.kit.places import may_read
from bot.settings import SETTINGS, Setting, Value
from bot.settings.names import Names, by_name
from bot.settings.values import Channel, ListOf, Roles
from cogs.config import search

WRITABLE = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.Thread)
WRITABLE_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
]


def setting_of(key: str) -> Setting:
    """By its key, however that is written, or by what only one is found by. BadValue: there is no such setting."""
    typed = key.strip().strip("`*").lower()
    declared = SETTINGS.get(re.sub(r"[\s-]+", "_", typed)) or next(
        (one for one in SETTINGS.values() if typed in {one.name(locale).lower() for locale in LOCALES}), None
    )
    if declared is None:
        fitting = search.found(key)
        if len(fitting) != 1 or not key.strip():
            raise BadValue("config.unknown_setting", settings=", ".join(fitting or SETTINGS))
        declared = SETTINGS[fitting[0]]
    return declared


def parse(interaction: Interaction, setting: Setting, typed: str) -> Value | None:
    """The value to store; None: nothing is to be set. A `Refusal` says why it can't be used here."""
    value = setting.parse(names_for(interaction).resolved(setting.kind, typed))
    return None if value is None else checked(interaction, setting, value)


def names_for(interaction: Interaction) -> Names:
    """What roles are called here, and the channels that the person sees and that can be written in."""
    guild, person = interaction.guild, interaction.user
    if guild is None or not isinstance(person, discord.Member):
        return Names()
    roles = by_name((role.name, role.id) for role in guild.roles if not role.is_default())
    seen = (one for one in (*guild.channels, *guild.threads) if isinstance(one, WRITABLE) and may_read(one, person))
    return Names(roles, by_name((one.name, one.id) for one in seen))


def checked(interaction: Interaction, setting: Setting, value: Value) -> Value:
    """`value` as it is stored, if what it names exists here; a `Refusal` otherwise."""
    if setting.servers_only and interaction.guild is None:
        raise NotAllowed("config.only_in_servers")
    if setting.command is not None and value:
        catalogue = interaction.client.the(ModelCatalogue)
        value = meant(str(value), catalogue.names())
        if catalogue.knows(value) is False:
            raise UnknownModel(value, fitting(setting.command, by_kind(setting.command, catalogue.names())))
    if isinstance(setting.kind, Roles) and isinstance(value, list):
        return _roles(interaction, setting.kind.roles(value))
    if isinstance(setting.kind, ListOf) and isinstance(value, list) and (roles := setting.kind.roles(value)):
        _check_roles(interaction, roles)
    if isinstance(setting.kind, Channel) and value:
        _check_log(interaction, int(str(value)))
    return value


def is_unchecked(interaction: Interaction, setting: Setting, value: object) -> bool:
    """Whether the service has no list of models to check this name against."""
    return (
        setting.command is not None and bool(value) and interaction.client.the(ModelCatalogue).knows(str(value)) is None
    )


def can_write(channel: discord.abc.GuildChannel | discord.Thread, guild: discord.Guild) -> bool:
    """Whether the bot may send messages there."""
    if not isinstance(channel, WRITABLE):
        return False
    try:
        ours = channel.permissions_for(guild.me)
    except discord.ClientException:  # a thread whose channel is gone
        return False
    if not isinstance(channel, discord.Thread):
        return ours.view_channel and ours.send_messages
    joined = not channel.is_private() or ours.manage_threads or channel.me is not None
    return ours.view_channel and ours.send_messages_in_threads and joined


def _roles(interaction: Interaction, roles: list[int]) -> list[int]:
    guild = _check_roles(interaction, roles)
    # The role @everyone has the server's id: with it, there is nothing left to choose.
    return [] if guild.id in roles else roles


def _check_roles(interaction: Interaction, roles: list[int]) -> discord.Guild:
    guild = interaction.guild
    if guild is None or not all(guild.get_role(role) for role in roles):
        raise BadValue("config.unknown_role")
    return guild


def _check_log(interaction: Interaction, channel_id: int) -> None:
    """Private answers are noted there: whoever sets it must be able to read it, and the bot to write."""
    guild = interaction.guild
    channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    person = interaction.user
    if guild is None or not isinstance(channel, WRITABLE) or not isinstance(person, discord.Member):
        raise BadValue("config.unknown_channel")
    theirs = channel.permissions_for(person)
    if isinstance(channel, discord.Thread) and channel.is_private():
        here = channel.id == interaction.channel_id
        if not (here or theirs.manage_threads):
            raise BadValue("config.unknown_channel")
    if not theirs.view_channel:
        raise BadValue("config.unknown_channel")
    if not can_write(channel, guild):
        raise BadValue("config.cannot_write", channel=f"<#{channel_id}>")
