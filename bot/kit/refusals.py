"""No to a message: one reaction, since a channel's others need not read why; in direct messages the words."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import discord

from bot.kit.error_path import describe
from bot.kit.replying import send_reply
from bot.kit.responses import PASSING, may_pass
from bot.kit.short_cards import note

if TYPE_CHECKING:
    from bot.kit.owner_alerts import OwnerAlerts

log = logging.getLogger(__name__)

REACTION: Final = "🚫"


async def refuse(
    message: discord.Message, error: Exception, locale: str, alerts: OwnerAlerts, *, in_words: bool = False
) -> None:
    """Tell who wrote `message` that there will be no answer; `in_words`: in a server, too. Never raises."""
    fields = {"asked_in": message.id, "channel": message.channel.id, "person": message.author.id}
    said = describe(error, locale, owner_told=await alerts.consider(error), fields=fields)
    try:
        if message.guild is not None and not in_words and await _reacted(message):
            return
        await send_reply(message.channel, message.to_reference(), note(said))
    except PASSING as untold:
        log.info("a person is not told why there is no answer: %s", untold, extra=fields)


async def _reacted(message: discord.Message) -> bool:
    """False: the bot may not react there, or the message has as many reactions as it may have (30010)."""
    try:
        await message.add_reaction(REACTION)
    except discord.HTTPException as error:
        if may_pass(error):
            raise
        return False
    return True
