"""What moderators do about a reported message, from its line in the log channel. Rights are checked when it is pressed:
whoever reads the channel need not moderate where the message stands.
"""

from __future__ import annotations

import re
import time
from typing import ClassVar, Self

import discord
from discord import ui

from bot.cards.barring import bar
from bot.cards.row_pressed import LARGEST_ID
from bot.errors import NotAllowed
from bot.i18n import DEFAULT_LOCALE, locale_of, text
from bot.kit import bar_forms
from bot.kit.bar_forms import SPAN
from bot.kit.barring import check_bars, whom_to_bar
from bot.kit.bot import Interaction
from bot.kit.components import Card, KeyButton, button, row
from bot.kit.links import message_link
from bot.kit.places import may_read
from bot.kit.refused_forms import refill
from bot.kit.responses import acknowledge, replace_message, tell_with
from bot.kit.short_cards import note
from bot.orders import bars
from bot.store.database import Database
from cogs.remove import report_rows as rows
from cogs.remove.removal import behind, take_away
from cogs.remove.report_rows import Line
from cogs.remove.reports import Reports


class RemoveReportedButton(KeyButton, template=r"report:(?P<key>\d{1,20}):remove"):
    """Asks whether the message is to be removed."""

    async def pressed(self, interaction: Interaction) -> None:
        line, locale = await reported(interaction, self.key), locale_of(interaction.locale)
        if line.removed_at is not None:
            raise NotAllowed("report.already_removed")
        link = message_link(line.guild_id, line.channel_id, line.message_id)
        asked: ui.TextDisplay[Card] = ui.TextDisplay(text(locale, "report.remove_sure", link=link))
        danger = discord.ButtonStyle.danger
        sure = button(text(locale, "command.remove"), f"report:{self.key}:remove:sure", style=danger)
        await tell_with(interaction, Card(asked, row(sure)))


class RemoveSurelyButton(KeyButton, template=r"report:(?P<key>\d{1,20}):remove:sure"):
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
        await replace_message(interaction, note(text(locale_of(interaction.locale), key)))
        await interaction.client.the(Reports).show_again(interaction, line.message_id)


class CloseReportButton(KeyButton, template=r"report:(?P<key>\d{1,20}):close"):
    """Notes that nothing is wrong with the message; once, whoever presses."""

    async def pressed(self, interaction: Interaction) -> None:
        line = await reported(interaction, self.key)
        await acknowledge(interaction)
        database = interaction.client.the(Database)
        if await database.run(rows.close, line.message_id, by=interaction.user.id, now=time.time()) is None:
            raise NotAllowed("report.already_removed" if line.removed_at is not None else "report.already_closed")
        await interaction.client.the(Reports).show_again(interaction, line.message_id)


class BarReportedButton(KeyButton, template=r"report:(?P<key>\d{1,20}):bar(?P<again>:again)?"):
    """Opens the form for how long, and why, the person is barred whom the message is for; with what was refused in it
    before.
    """

    async def pressed(self, interaction: Interaction) -> None:
        person = await _to_bar(interaction, self.key)
        form = BarForm(self.key, locale=locale_of(interaction.locale), about=person)
        refill(interaction, form, self.custom_id)
        await form.open(interaction)


class BarForm(bar_forms.BarForm):
    template: ClassVar[re.Pattern[str]] = re.compile(r"report:(?P<id>\d{1,20}):bar")

    def __init__(
        self, message_id: int, *, locale: str = DEFAULT_LOCALE, about: discord.User | discord.Member | None = None
    ) -> None:
        super().__init__(f"report:{message_id}:bar", locale=locale, about=about)
        self.message_id = message_id

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))

    async def use(self, interaction: Interaction, typed: str) -> None:
        person = await _to_bar(interaction, self.message_id)
        if await bar(interaction, person, self.values.get(SPAN), typed, f"report:{self.message_id}:bar:again"):
            await interaction.client.the(Reports).show_again(interaction, self.message_id)


async def _to_bar(interaction: Interaction, message_id: int) -> discord.User | discord.Member:
    """Whom a reported message is for. NotAllowed: that is not known any more, it is not theirs to bar, or not this
    person, or done.
    """
    guild = check_bars(interaction)
    line = await _line(interaction, message_id)
    if line.asked_by is None:
        raise NotAllowed("error.gone")
    person = await whom_to_bar(interaction, line.asked_by)
    if await interaction.client.the(Database).run(bars.barred, guild.id, person.id, time.time()) is not None:
        raise NotAllowed("report.already_barred", person=f"<@{person.id}>")
    return person


async def _line(interaction: Interaction, message_id: int) -> Line:
    """The line of a pressed button, whose custom_id anybody can forge. NotAllowed: there is none here."""
    found = None
    if message_id <= LARGEST_ID:
        found = await interaction.client.the(Database).run(rows.get, message_id)
    if found is None or found.guild_id != interaction.guild_id:
        raise NotAllowed("error.gone")
    return found


async def reported(interaction: Interaction, message_id: int) -> Line:
    """As `_line`. NotAllowed as well: whoever pressed does not moderate where the message stands."""
    found = await _line(interaction, message_id)
    guild, person = interaction.guild, interaction.user
    if guild is None or not isinstance(person, discord.Member):
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
