"""Who pressed or typed, and where: an interaction in the words of the floors below."""

from __future__ import annotations

import discord

from bot.clock import steady
from bot.i18n import locale_of
from bot.kit.again_later import confirmed_of
from bot.kit.bot import Bot, Interaction
from bot.kit.languages import Languages
from bot.kit.own_choices import Choices
from bot.kit.places import (
    TOKEN_SECONDS,
    is_age_restricted,
    is_direct,
    is_moderator,
    is_token_only,
    place_at,
    place_of,
    roles_of,
)
from bot.kit.responses import is_answered_by_original
from bot.orders.callers import Caller


def caller_of(interaction: Interaction, *, private: bool | None = None) -> Caller:
    """The order's caller; `token_only` where the bot itself can't reach the channel (user-installed, group DMs).

    `private` None: as it is set at the place.
    """
    in_guild = interaction.guild_id is not None
    return Caller(
        person_id=interaction.user.id,
        place=place_of(interaction),
        context="guild" if in_guild else "bot_dm" if is_direct(interaction) else "private_channel",
        locale=locale_of(interaction.locale),
        application_id=interaction.application_id,
        token=interaction.token,
        # By our own clock from its arrival: the id's time is Discord's clock, which ours may be minutes off.
        token_expires_at=steady() + TOKEN_SECONDS,
        private=private,
        private_by_default=interaction.client.the(Choices).of(interaction.user.id).private,
        token_only=is_token_only(interaction),
        roles=roles_of(interaction.user),
        age_restricted=is_age_restricted(interaction.channel),
        moderates=is_moderator(interaction),
        confirmed=confirmed_of(interaction),
        original=is_answered_by_original(interaction),
        event_id=interaction.id,
    )


def caller_by_message(bot: Bot, message: discord.Message) -> Caller:
    """Who wrote to the bot; what answers it are regular messages, by the bot's own token."""
    channel, guild = message.channel, message.guild
    return Caller(
        person_id=message.author.id,
        place=place_at(channel, channel.id, guild.id if guild else None),
        context="guild" if guild else "bot_dm",
        locale=bot.the(Choices).of(message.author.id).language or bot.the(Languages).of(message),
        application_id=bot.application_id or 0,
        token="",
        token_expires_at=0.0,
        roles=roles_of(message.author),
        age_restricted=is_age_restricted(channel),
        moderates=may_in(message).manage_messages,
        event_id=message.id,
    )


def may_in(message: discord.Message) -> discord.Permissions:
    """What who wrote may do there; nothing, where that is not known."""
    channel, author = message.channel, message.author
    if not isinstance(author, discord.Member) or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return discord.Permissions.none()
    try:
        return channel.permissions_for(author)
    except discord.ClientException:  # a thread whose channel is gone
        return discord.Permissions.none()
