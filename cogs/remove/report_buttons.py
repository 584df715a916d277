"""What moderators do about a reported message, from its line in the log channel. Rights are checked when it is pressed:
whoever reads the channel need not moderate where the message stands.
"""

from __future__ import annotations

import time

import discord

from bot.cards.row_pressed import LARGEST_ID
from bot.errors import NotAllowed
from bot.generation.orders import Orders
from bot.i18n import locale_of, text
from bot.kit.bot import Interaction
from bot.kit.components import KeyButton
from bot.kit.places import may_read
from bot.kit.responses import acknowledge, tell
from bot.settings import Place
from bot.store.database import Database
from cogs.remove import report_rows as rows
from cogs.remove.removal import behind, take_away
from cogs.remove.report_cards import line_card
from cogs.remove.report_rows import Line


class RemoveReportedButton(KeyButton, template=r"report:(?P<key>\d{1,20}):remove"):
    """Removes the message, and what belongs to it; once, whoever presses."""

    async def pressed(self, interaction: Interaction) -> None:
        line = await reported(interaction, self.key)
        if line.removed_at is not None:
            raise NotAllowed("report.already_removed")
        await acknowledge(interaction)
        database = interaction.client.the(Database)
        taken = await database.run(rows.take, line.message_id, by=interaction.user.id, now=time.time())
        if taken is None:
            raise NotAllowed("report.already_removed")
        try:
            key = await _removed(interaction, taken)
        except BaseException:
            await database.run(rows.give_back, line.message_id)
            raise
        there = Place(channel_id=line.channel_id, guild_id=line.guild_id)
        rules = await interaction.client.the(Orders).rules(there)
        own = interaction.guild.preferred_locale if interaction.guild else interaction.locale
        locale = rules.value("language") or locale_of(own)
        await interaction.edit_original_response(view=line_card(taken, locale, None))
        if key != "remove.done":
            await tell(interaction, text(locale_of(interaction.locale), key))


async def reported(interaction: Interaction, message_id: int) -> Line:
    """The line of a pressed button, whose custom_id anybody can forge. NotAllowed: there is none here, or whoever
    pressed does not moderate where the message stands.
    """
    found = None
    if message_id <= LARGEST_ID:
        found = await interaction.client.the(Database).run(rows.get, message_id)
    guild, person = interaction.guild, interaction.user
    if found is None or guild is None or found.guild_id != guild.id or not isinstance(person, discord.Member):
        raise NotAllowed("error.gone")
    channel = guild.get_channel_or_thread(found.channel_id)
    if channel is None:  # an archived thread, which no cache holds
        moderates = interaction.permissions.manage_guild
    else:
        moderates = may_read(channel, person) and channel.permissions_for(person).manage_messages
    if not moderates:
        raise NotAllowed("report.not_moderator", channel=f"<#{found.channel_id}>")
    return found


async def _removed(interaction: Interaction, line: Line) -> str:
    """The key of what is to be said of it."""
    bot, guild = interaction.client, interaction.guild
    channel = bot.get_partial_messageable(line.channel_id, guild_id=line.guild_id)
    try:
        message = await channel.fetch_message(line.message_id)
    except discord.NotFound:
        return "remove.done"  # it was deleted meanwhile
    except discord.Forbidden:
        raise NotAllowed("remove.out_of_reach") from None
    row, _ = await behind(bot, message)
    there = guild.get_channel_or_thread(line.channel_id) if guild is not None else None
    looks = guild is not None and there is not None and there.permissions_for(guild.me).read_message_history
    return await take_away(interaction, message, row, looks=looks)
