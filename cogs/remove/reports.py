"""Report, in a message's menu: a line in the log channel, beside which moderators act."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from functools import partial
from typing import TYPE_CHECKING

import discord

from bot.errors import NotAllowed
from bot.generation.ordering.orders import Orders
from bot.i18n import locale_of, text
from bot.kit import missed_reports
from bot.kit.audience import others_in
from bot.kit.edits import Handle, MessageGone, OutOfReach, edit_by_itself
from bot.kit.markdown.inline import plain
from bot.kit.message_parts import texts_in
from bot.kit.moderator_channels import ModeratorChannels
from bot.kit.own_messages import is_own
from bot.kit.places import is_user_installed_only, place_of
from bot.kit.posting import NotNow, Posting
from bot.kit.responses import PASSING, acknowledge, answer
from bot.kit.short_cards import note
from bot.recent import Recent
from bot.store import events
from bot.store.database import Database
from bot.text import title
from cogs.remove import report_rows as rows
from cogs.remove.removal import behind
from cogs.remove.report_cards import bar_of, card_again, line_card, line_locale, reason_line, reasons_in
from cogs.remove.report_rows import Line, Reported

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.kit.audience import Channel
    from bot.kit.bot import Bot, Interaction
    from bot.kit.components import Card
    from bot.orders.bars import Bar

log = logging.getLogger(__name__)

_MARKS = re.compile(r"^\s*(?:#{1,3} |> |[-*] )+")
MOST_SEEN = 100
QUOTED = 200
"""Characters of what was written."""
CLOSED_SECONDS = 60.0


class Reports:
    def __init__(self, bot: Bot, posting: Posting) -> None:
        self._bot = bot
        self._channels = ModeratorChannels(posting, closed_seconds=CLOSED_SECONDS)
        self._seen: Recent[int, discord.Message] = Recent(MOST_SEEN)
        """Messages of open forms: the bot may be unable to read them again."""
        self._telling = asyncio.Lock()
        """A line holds the reasons that were given before, so each change of it has to see the one before."""

    async def check(self, interaction: Interaction, message: discord.Message) -> None:
        """Before somebody is asked why they report a message. NotAllowed: why they can't."""
        await self._log_channel(interaction, message)
        self._seen.put(message.id, message)

    async def _log_channel(self, interaction: Interaction, message: discord.Message) -> tuple[discord.Guild, int]:
        bot = self._bot
        if not is_own(bot, message):
            raise NotAllowed("report.not_mine")
        guild = interaction.guild
        if guild is None or is_user_installed_only(interaction):
            raise NotAllowed("report.only_in_servers")
        rules = await bot.the(Orders).rules(place_of(interaction))
        log_channel_id = int(rules.value("log_channel"))
        if not log_channel_id:
            await bot.the(Database).run(missed_reports.note, guild.id)
            raise NotAllowed("report.no_log")
        return guild, log_channel_id

    async def report(self, interaction: Interaction, message_id: int, reason: str) -> None:
        """Tell the moderators of a message of the bot's. NotAllowed: why that is not done."""
        bot = self._bot
        message = await self._message(interaction, message_id)
        guild, log_channel_id = await self._log_channel(interaction, message)
        await acknowledge(interaction, ephemeral=True, thinking=True)
        row, asked_by = await behind(bot, message)
        what = Reported(
            message_id=message.id,
            guild_id=guild.id,
            channel_id=message.channel.id,
            asked_by=asked_by,
            log_channel_id=log_channel_id,
        )
        database = bot.the(Database)
        line = await database.run(events.once(interaction.id, rows.note), what, by=interaction.user.id, now=time.time())
        card = partial(
            self._card,
            interaction,
            quote=quote_of(message, row),
            private=row is not None and row.private,
            reason=reason_line(interaction.user.id, reason),
            locale=await line_locale(bot, guild, log_channel_id),
            bar=await bar_of(bot, line),
        )
        try:
            async with self._telling:
                await self._tell(line, card)
        except NotNow as error:
            log.warning("a report can't be told: %s", error, extra={"guild": guild.id, "channel": log_channel_id})
            await database.run(rows.withdraw, message.id)
            raise NotAllowed("report.not_now") from None
        said = text(locale_of(interaction.locale), "report.done")
        await answer(interaction, note(said), ephemeral=True)

    async def _message(self, interaction: Interaction, message_id: int) -> discord.Message:
        """NotAllowed: it is gone."""
        message = self._seen.get(message_id)
        if message is not None and message.channel.id == interaction.channel_id:
            return message
        channel = self._bot.get_partial_messageable(interaction.channel_id or 0, guild_id=interaction.guild_id)
        try:
            return await channel.fetch_message(message_id)
        except (discord.NotFound, discord.Forbidden):
            raise NotAllowed("error.gone") from None

    async def _tell(self, line: Line, card: partial[Card]) -> None:
        """Post the line, or bring the one that stands there up to date. NotNow: Discord does not take it."""
        line = await self._bot.the(Database).run(rows.get, line.message_id) or line
        if line.log_message_id is not None and await self._edited(line, card):
            return
        nonce = f"report{line.message_id}.{line.count}"[:25]
        posted = await self._channels.post(
            line.guild_id, line.log_channel_id, lambda channel: card(line, channel, None), nonce=nonce
        )
        await self._bot.the(Database).run(rows.posted, line.message_id, log_message_id=posted)

    async def _edited(self, line: Line, card: partial[Card]) -> bool:
        """False: somebody deleted the line."""
        guild = self._bot.get_guild(line.guild_id)
        channel = guild.get_channel_or_thread(line.log_channel_id) if guild is not None else None
        if channel is None or self._bot.application_id is None:
            return True
        return await self._edit(line, card(line, channel, await self._shown(line)))

    async def show_again(self, interaction: Interaction, message_id: int) -> None:
        """Bring a line up to date after what was done beside it, or in a form that may have been opened anywhere. Never
        raises for what Discord says: it is done.
        """
        with contextlib.suppress(*PASSING):
            await self._show_again(interaction, message_id)

    async def _show_again(self, interaction: Interaction, message_id: int) -> None:
        async with self._telling:
            line = await self._bot.the(Database).run(rows.get, message_id)
            guild = interaction.guild
            if line is None or line.log_message_id is None or guild is None:
                return
            shown = await self._shown(line)
            if shown is None and (pressed := interaction.message) is not None and pressed.id == line.log_message_id:
                shown = pressed
            if shown is not None:
                await self._edit(line, await card_again(self._bot, guild, line, shown))

    async def _shown(self, line: Line) -> discord.Message | None:
        """The message of a line; None: it can't be read."""
        there = self._bot.get_partial_messageable(line.log_channel_id, guild_id=line.guild_id)
        with contextlib.suppress(discord.NotFound, discord.Forbidden):
            return await there.fetch_message(line.log_message_id or 0)
        return None

    async def _edit(self, line: Line, card: Card) -> bool:
        """False: somebody deleted the line."""
        handle = Handle.by_itself(self._bot.application_id or 0, line.log_channel_id, line.log_message_id or 0)
        try:
            await edit_by_itself(self._bot, handle, card)
        except MessageGone:
            return False
        except (OutOfReach, *PASSING) as error:
            log.info("a report's line stays as it is: %r", error)
        return True

    @staticmethod
    def _card(
        interaction: Interaction,
        line: Line,
        channel: Channel,
        before: discord.Message | None,
        *,
        quote: str,
        private: bool,
        reason: str,
        locale: str,
        bar: Bar | None,
    ) -> Card:
        if others_in(channel, place_of(interaction), private=private):
            return line_card(line, locale, None, (), bar)
        said = [*(reasons_in(before) if before is not None else ()), reason]
        return line_card(line, locale, quote, [one for one in said if one], bar)


def quote_of(message: discord.Message, row: Generation | None) -> str:
    """What a message says, as plain text in one safe line; empty: nothing that could be seen."""
    if row is not None:
        return title(row.prompt, QUOTED)
    lines = "\n".join(texts_in(message.components)).splitlines()
    return title(plain("\n".join(one for one in map(_bare, lines) if one)), QUOTED)


def _bare(line: str) -> str:
    """Without what makes it a heading, a quote or an item; nothing of a footer."""
    return "" if line.startswith("-# ") else _MARKS.sub("", line)
