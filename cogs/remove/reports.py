"""Report, in a message's menu: a line in the log channel, beside which moderators act."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from bot.errors import NotAllowed
from bot.generation.orders import Orders
from bot.i18n import locale_of, text
from bot.kit.audience import others_in
from bot.kit.edits import Handle, MessageGone, OutOfReach, edit_by_itself
from bot.kit.message_parts import texts_in
from bot.kit.moderator_channels import ModeratorChannels
from bot.kit.places import is_user_installed_only, place_of
from bot.kit.posting import NotNow, Posting
from bot.kit.responses import PASSING, acknowledge
from bot.kit.short_cards import note
from bot.kit.titles import prompt_title
from bot.store import events
from bot.store.database import Database
from bot.text import title
from cogs.remove import report_rows as rows
from cogs.remove.removal import behind
from cogs.remove.report_cards import line_card
from cogs.remove.report_rows import Line, Reported

if TYPE_CHECKING:
    import discord

    from bot.generation.rows import Generation
    from bot.kit.audience import Channel
    from bot.kit.bot import Bot, Interaction
    from bot.kit.components import Card

log = logging.getLogger(__name__)

QUOTED = 200
"""Characters of what was written."""
CLOSED_SECONDS = 60.0


class Reports:
    def __init__(self, bot: Bot, posting: Posting) -> None:
        self._bot = bot
        self._channels = ModeratorChannels(posting, closed_seconds=CLOSED_SECONDS)

    async def report(self, interaction: Interaction, message: discord.Message) -> None:
        """Tell the moderators of a message of the bot's. NotAllowed: why that is not done."""
        bot = self._bot
        if bot.user is None or message.author.id != bot.user.id:
            raise NotAllowed("report.not_mine")
        guild = interaction.guild
        if guild is None or is_user_installed_only(interaction):
            raise NotAllowed("report.only_in_servers")
        rules = await bot.the(Orders).rules(place_of(interaction))
        log_channel_id = int(rules.value("log_channel"))
        if not log_channel_id:
            raise NotAllowed("report.no_log")
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
        locale = rules.value("language") or locale_of(guild.preferred_locale)
        card = partial(self._card, interaction, message, row, locale=locale)
        try:
            await self._tell(line, card)
        except NotNow as error:
            log.warning("a report can't be told: %s", error, extra={"guild": guild.id, "channel": log_channel_id})
            await database.run(rows.withdraw, message.id)
            raise NotAllowed("report.not_now") from None
        said = text(locale_of(interaction.locale), "report.done")
        await interaction.edit_original_response(view=note(said))

    async def _tell(self, line: Line, card: partial[Card]) -> None:
        """Post the line, or bring the one that stands there up to date. NotNow: Discord does not take it."""
        if line.log_message_id is None and line.count > 1:
            return  # it is about to be posted, and counted then
        if line.log_message_id is not None and await self._edited(line, card):
            return
        nonce = f"report{line.message_id}.{line.count}"[:25]
        posted = await self._channels.post(
            line.guild_id, line.log_channel_id, lambda channel: card(line, channel), nonce=nonce
        )
        now = await self._bot.the(Database).run(rows.placed, line.message_id, log_message_id=posted)
        if now is not None and now.count != line.count:
            await self._edited(now, card)

    async def _edited(self, line: Line, card: partial[Card]) -> bool:
        """False: somebody deleted the line."""
        guild = self._bot.get_guild(line.guild_id)
        channel = guild.get_channel_or_thread(line.log_channel_id) if guild is not None else None
        if channel is None or self._bot.application_id is None:
            return True
        handle = Handle.by_itself(self._bot.application_id, line.log_channel_id, line.log_message_id or 0)
        try:
            await edit_by_itself(self._bot, handle, card(line, channel))
        except MessageGone:
            return False
        except (OutOfReach, *PASSING) as error:
            log.info("a report's line stays as it is: %r", error)
        return True

    @staticmethod
    def _card(
        interaction: Interaction,
        message: discord.Message,
        row: Generation | None,
        line: Line,
        channel: Channel,
        *,
        locale: str,
    ) -> Card:
        hide = bool(others_in(channel, place_of(interaction), private=row is not None and row.private))
        if row is not None:
            quote = prompt_title(row.prompt, locale, QUOTED)
        else:
            quote = title("\n".join(texts_in(message.components)), QUOTED) or text(locale, "card.prompt_unseen")
        return line_card(line, locale, None if hide else quote)
