"""Which channels' pictures a person may be shown: those whose messages Discord lets them read, and no others.

Reckoned from the cache, as Discord does: what a person may do elsewhere than here comes with no interaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.cards.caller import caller_of
from bot.errors import NotAllowed
from bot.kit.places import may_read
from bot.kit.responses import PASSING
from cogs.gallery.rows import Reach

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.kit.bot import Interaction


async def reach_of(interaction: Interaction, channel_id: int | None = None) -> Reach:
    """What may be shown to who typed or pressed; with `channel_id` only that channel, with the threads in it.

    Archived threads are found by it that have still to be looked into: `cogs.gallery.threads`.

    Age-restricted channels only where it is asked for in one. NotAllowed: that channel is not theirs to read.
    """
    here = interaction.channel_id or 0
    if interaction.guild_id is None:
        return Reach(guild_id=None, channels=frozenset({here}), person_id=interaction.user.id, age_restricted=True)
    guild = interaction.client.get_guild(interaction.guild_id)
    person = interaction.user
    if guild is None or not isinstance(person, discord.Member):
        raise NotAllowed("gallery.not_visible")
    grown_up = caller_of(interaction).age_restricted
    shown = {
        channel.id for channel in guild.channels if (grown_up or not channel.is_nsfw()) and may_read(channel, person)
    }
    threads = {thread.id for thread in guild.threads if thread.parent_id in shown and may_read(thread, person)}
    but = frozenset(thread.id for thread in guild.threads) - threads
    # An archived thread is in no cache; here counts what Discord itself said of the person.
    if interaction.permissions.read_message_history:
        threads.add(here)
    if channel_id is None:
        channels = frozenset(shown | threads)
        return Reach(guild_id=guild.id, channels=channels, parents=frozenset(shown), but=but, age_restricted=grown_up)
    if channel_id in shown:
        inside = {thread.id for thread in guild.threads if thread.parent_id == channel_id and thread.id in threads}
        only = frozenset({channel_id})
        return Reach(guild_id=guild.id, channels=only | inside, parents=only, but=but, age_restricted=grown_up)
    if channel_id not in threads and not await _archived_and_open(interaction, guild, channel_id, shown):
        raise NotAllowed("gallery.not_visible")
    return Reach(guild_id=guild.id, channels=frozenset({channel_id}), age_restricted=grown_up)


async def _archived_and_open(
    interaction: Interaction, guild: discord.Guild, channel_id: int, parents: Iterable[int]
) -> bool:
    """Whether it is a thread for everybody, in one of `parents`, that the cache does not hold."""
    if guild.get_channel_or_thread(channel_id) is not None:
        return False
    try:
        thread = await interaction.client.fetch_channel(channel_id)
    except (discord.InvalidData, *PASSING):
        return False
    if not isinstance(thread, discord.Thread) or thread.guild.id != guild.id:
        return False
    return not thread.is_private() and thread.parent_id in parents
