"""What a value must be at the place where it is set: that models, roles and channels exist is known only here."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import discord

from bot.api.catalogue import ModelCatalogue
from bot.api.models import by_kind, fitting, meant
from bot.errors import BadValue, NotAllowed, UnknownModel
from bot.i18n import LOCALES, listed
from bot.kinds import Kind
from bot.kit.bot import Interaction
from bot.kit.places import may_read
from bot.settings import SETTINGS, Scope, Setting, Value
from bot.settings import changes as store
from bot.settings.changes import Change
from bot.settings.names import Names, by_name
from bot.settings.personas import DEFAULT, Personas, named, personas_of
from bot.settings.values import Channel, ListOf, Roles
from cogs.config import search

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.settings.stored import Json, Place

PERSONA = "persona"
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
            raise BadValue("config.unknown_setting", settings=partial(listed, parts=fitting or SETTINGS))
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


def typed_there(
    interaction: Interaction, place: Place, key: str, typed: str, server: Mapping[str, Json]
) -> Value | None:
    """The value to store at that place; None: nothing is to be set. As `usable`, of what was typed."""
    setting = SETTINGS[key]
    if place[0] not in setting.scopes:
        raise NotAllowed("config.whole_server" if setting.narrowest is Scope.SERVER else "config.single_channel")
    value = setting.parse(names_for(interaction).resolved(setting.kind, typed))
    return None if value is None else usable(interaction, place, key, value, server)


def usable(interaction: Interaction, place: Place, key: str, value: Value, server: Mapping[str, Json]) -> Value:
    """`value` as it is stored, if it can be set at that place; a `Refusal` otherwise. `server`: what the server of the
    place has set, or will have.
    """
    value = checked(interaction, SETTINGS[key], value)
    if key == PERSONA and value:  # as the server writes it
        one = named(personas_of(server.get("personas")), str(value))
        value = DEFAULT if one is None else str(one.name)
    store.refuse_locked([Change(*place, key, cast("Json", value))], server)
    return value


def checked(interaction: Interaction, setting: Setting, value: Value) -> Value:
    """`value` as it is stored, if what it names exists here; a `Refusal` otherwise."""
    if setting.servers_only and interaction.guild is None:
        raise NotAllowed("config.only_in_servers")
    if setting.command is not None and value:
        value = _model(interaction, setting.command, str(value))
    if isinstance(setting.kind, Personas):
        return [_persona(interaction, one) for one in cast("list[dict[str, Any]]", value)]
    if isinstance(setting.kind, Roles) and isinstance(value, list):
        return _roles(interaction, setting.kind.roles(value))
    if isinstance(setting.kind, ListOf) and isinstance(value, list) and (roles := setting.kind.roles(value)):
        _check_roles(interaction, roles)
    if isinstance(setting.kind, Channel) and value:
        _check_log(interaction, int(str(value)))
    return value


def _model(interaction: Interaction, kind: Kind, name: str) -> str:
    catalogue = interaction.client.the(ModelCatalogue)
    found = meant(name, catalogue.names())
    if catalogue.knows(found) is False:
        raise UnknownModel(found, fitting(kind, by_kind(kind, catalogue.names())))
    return found


def _persona(interaction: Interaction, one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "model": _model(interaction, Kind.ASK, one["model"])} if one.get("model") else one


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
