"""How a jam begins: its word in the channel, a thread from it, and the first round's card in there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.kit.message_parts import custom_ids_in
from bot.kit.own_messages import own_message
from bot.text import one_line, shorten
from cogs.jam.places import word_channel

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from cogs.jam.records import Jam

log = logging.getLogger(__name__)

ARCHIVE_MINUTES = 1440
"""A jam goes on for three hours at most, and votes come after."""
HAS_THREAD = 160004
NAME_LIMIT = 100
"""Characters of a thread's name (Discord)."""


async def begin_thread(bot: Bot, jam: Jam, message_id: int) -> int:
    """The public thread of the jam's word, begun unless it is there: it has the message's id (Discord)."""
    channel = bot.get_partial_messageable(jam.channel_id, guild_id=jam.guild_id)
    try:
        thread = await channel.get_partial_message(message_id).create_thread(
            name=shorten(one_line(jam.theme), NAME_LIMIT), auto_archive_duration=ARCHIVE_MINUTES
        )
    except discord.HTTPException as error:
        if error.code != HAS_THREAD:
            raise
        return message_id
    return thread.id


async def find_word(bot: Bot, jam: Jam) -> int | None:
    """The message that a jam was begun with, where its id could not be noted. None: there is none to be seen."""
    ids = {f"jam:{jam.id}:join", f"jam:{jam.id}:enter"}  # as it was once, and as it is
    return await own_message(
        bot, word_channel(jam), lambda message: not ids.isdisjoint(custom_ids_in(message.components))
    )
