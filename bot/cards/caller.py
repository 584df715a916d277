"""Who pressed or typed, and where: an interaction in the words of the floors below."""

from __future__ import annotations

from bot.clock import steady
from bot.i18n import locale_of
from bot.kit.bot import Interaction
from bot.kit.places import (
    TOKEN_SECONDS,
    is_age_restricted,
    is_moderator,
    is_token_only,
    place_of,
    roles_of,
)
from bot.orders.callers import Caller


def caller_of(interaction: Interaction, *, private: bool | None = None) -> Caller:
    """The order's caller; `token_only` where the bot itself can't reach the channel (user-installed, group DMs).

    `private` None: as it is set at the place.
    """
    in_guild = interaction.guild_id is not None
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
        token_only=is_token_only(interaction),
        roles=roles_of(interaction.user),
        age_restricted=is_age_restricted(interaction),
        moderates=is_moderator(interaction),
        event_id=interaction.id,
    )
