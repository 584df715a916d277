"""The row behind a pressed button, and who may act on it."""

from __future__ import annotations

import discord

from bot.cards.caller import caller_of
from bot.errors import NotAllowed
from bot.generation.rows import generations
from bot.generation.rows.records import Generation
from bot.kit.bot import Interaction
from bot.kit.places import is_moderator, may_read
from bot.kit.threads import OpenThreads
from bot.states import State
from bot.store import copies
from bot.store.database import Database

LARGEST_ID = 2**63 - 1
"""Of a row, and of all that Discord numbers: what a column holds."""


async def row_by_id(interaction: Interaction, generation_id: int) -> Generation:
    """The row of an id that came in a custom_id, which anybody can forge. NotAllowed: none, or a removed one."""
    row = None
    if generation_id <= LARGEST_ID:
        row = await interaction.client.the(Database).run(generations.get, generation_id)
    if row is None or row.removed_at is not None:
        raise NotAllowed("error.gone")
    return row


async def row_in_view(interaction: Interaction, generation_id: int) -> Generation:
    """The row of a card that may also stand elsewhere, delivered again. NotAllowed, unless it is the person's own, or a
    public one that they see: the pressed card shows it, or Discord lets them read where it was posted.
    """
    row = await row_by_id(interaction, generation_id)
    if row.person_id != interaction.user.id and (row.private or not await _sees(interaction, row)):
        raise NotAllowed("error.gone")
    may_bring(interaction, row)
    return row


def may_act(interaction: Interaction, row: Generation, key: str) -> None:
    """NotAllowed with the sentence `key`, unless who pressed asked for it, or moderates the place it is in."""
    if interaction.user.id != row.person_id and not _moderates(interaction, row):
        raise NotAllowed(key)


def may_bring(interaction: Interaction, row: Generation) -> None:
    """NotAllowed: it was made in an age-restricted channel, and here is neither one nor direct messages."""
    caller_of(interaction).check_brings(age_restricted=_is_age_restricted(interaction, row))


def _is_age_restricted(interaction: Interaction, row: Generation) -> bool:
    """As it was noted; of older rows, as their channel is now."""
    if row.age_restricted is not None:
        return row.age_restricted
    guild = interaction.client.get_guild(row.guild_id) if row.guild_id is not None else None
    channel = guild.get_channel(row.parent_channel_id or row.channel_id) if guild is not None else None
    return bool(getattr(channel, "nsfw", False))


async def _sees(interaction: Interaction, row: Generation) -> bool:
    """Whether whoever pressed can read a public card: where it was posted, or the copy that they pressed."""
    if row.channel_id == interaction.channel_id:
        return True
    the, message = interaction.client.the, interaction.message
    # By what was noted of it: what stands in a message that comes with a press may be forged like the press.
    if message is not None and await the(Database).run(copies.is_one, row.id, message.id):
        return True
    guild, person = interaction.guild, interaction.user
    if guild is None or row.guild_id != guild.id or not isinstance(person, discord.Member):
        return False
    if (channel := guild.get_channel_or_thread(row.channel_id)) is not None:
        return may_read(channel, person)
    parent = guild.get_channel(row.parent_channel_id or 0)
    if parent is None or not may_read(parent, person):
        return False
    return await the(OpenThreads).is_open(guild, row.channel_id, parent.id)


def _moderates(interaction: Interaction, row: Generation) -> bool:
    """Here by what Discord reckons; for another channel of the server by what is known of it."""
    if row.channel_id == interaction.channel_id:
        return is_moderator(interaction)
    guild, person = interaction.guild, interaction.user
    if guild is None or row.guild_id != guild.id or not isinstance(person, discord.Member):
        return False
    channel = guild.get_channel_or_thread(row.channel_id) or guild.get_channel(row.parent_channel_id or 0)
    if channel is None:
        return interaction.permissions.manage_guild
    return may_read(channel, person) and channel.permissions_for(person).manage_messages


def too_late(row: Generation) -> NotAllowed:
    """Why it can't be cancelled as it is now."""
    return NotAllowed("error.already_cancelled" if row.state == State.CANCELLED else "error.too_late_to_cancel")
