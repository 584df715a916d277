"""What Discord does with an interaction: its event, its three seconds, its token, and who may begin one where."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING

from sandbox.discord import payloads
from sandbox.discord.models import DM, GROUP_DM
from sandbox.discord.observers import Change
from sandbox.discord.permissions import Permission

if TYPE_CHECKING:
    from sandbox.discord.interaction_models import Interaction
    from sandbox.discord.models import Channel, Json, User
    from sandbox.discord.state import State

IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2


def begin(state: State, made: Interaction) -> None:
    """Start the three seconds of a new interaction and send INTERACTION_CREATE."""
    made.id = state.ids()
    made.token = f"aW50ZXJhY3Rpb246{made.id}{secrets.token_hex(16)}"
    state.interactions[made.token] = made
    made.timer = asyncio.get_running_loop().call_later(state.rules.acknowledge_within, _give_up, state, made)
    made.event = payload(state, made)
    for _ in range(1 + state.rules.repeats):
        repeat(state, made)


def repeat(state: State, interaction: Interaction) -> None:
    """Send INTERACTION_CREATE, as it was the first time: Discord sends an event at least once."""
    state.announce("INTERACTION_CREATE", interaction.event, interaction.channel.guild_id, 0)


def _give_up(state: State, interaction: Interaction) -> None:
    if interaction.acknowledged_at is None:
        interaction.failed = True
        tell(state, interaction)


def tell(state: State, interaction: Interaction) -> None:
    """Tell who waits on this interaction that its state changed."""
    state.observers.emit(
        Change("interaction", interaction.channel, interaction.original, interaction.user, interaction.id)
    )


def token_alive(state: State, interaction: Interaction) -> bool:
    return not interaction.expired and time.monotonic() - interaction.created_at <= state.rules.token_lives


def app_permissions(state: State, channel: Channel) -> int:
    """What the application may do where the interaction began (Discord's note *** on the interaction object)."""
    guild = state.guild_of(channel)
    outside = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
    if guild is None:
        return int(outside | Permission.USE_EXTERNAL_EMOJIS if channel.type == DM else outside)
    if guild.app_installed:
        return state.permissions(channel, state.application.bot)
    return int(outside & ~Permission.MENTION_EVERYONE)


def payload(state: State, interaction: Interaction) -> Json:
    """The INTERACTION_CREATE event."""
    channel, user = interaction.channel, interaction.user
    guild = state.guild_of(channel)
    member = None if guild is None else guild.members[user.id]
    made: Json = {
        "id": str(interaction.id),
        "application_id": str(state.application.id),
        "type": interaction.kind,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": payloads.partial_channel(channel, guild, member),
        "token": interaction.token,
        "version": 1,
        "app_permissions": str(app_permissions(state, channel)),
        "locale": user.locale,
        "entitlements": [],
        "authorizing_integration_owners": interaction.owners,
        "context": IN_GUILD if guild is not None else IN_BOT_DM if channel.type == DM else IN_PRIVATE,
        "attachment_size_limit": state.filesize_limit(channel),
    }
    if guild is not None and member is not None:
        made["guild_id"] = str(guild.id)
        made["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
        made["guild_locale"] = guild.locale
        made["member"] = payloads.member(guild, member, channel=channel)
    else:
        made["user"] = payloads.user(user)
    if interaction.source is not None:
        made["message"] = payloads.message(interaction.source, guild)
        if interaction.planted is not None:
            planted: Json = {"type": 1, "id": 999, "components": [interaction.planted]}
            made["message"]["components"] = [*made["message"]["components"], planted]
    return made


def installed_owners(state: State, user: User, channel: Channel, integration_types: list[int]) -> dict[str, str]:
    """By which installations a person may use something here; empty: by none."""
    guild = state.guild_of(channel)
    owners: dict[str, str] = {}
    if 0 in integration_types:
        if guild is not None and guild.app_installed:
            owners["0"] = str(guild.id)
        elif channel.type == DM and state.shares_guild(user):
            owners["0"] = "0"
    if 1 in integration_types and user.app_installed and channel.type in (DM, GROUP_DM, 0, 11, 12):
        owners["1"] = str(user.id)
    return owners
