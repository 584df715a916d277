"""What people wrote to the bot while it was away: Discord sends it to nobody later, so it is looked for.

In direct messages, and in threads that /chat opened: nowhere else is it known without reading a whole server. What was
answered shows in the channel itself, and nothing is answered twice (`bot.store.events`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

import discord

from bot.kit.responses import PASSING
from bot.store.database import Database
from cogs.ask import chat_rows as rows
from cogs.ask import said

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from cogs.ask.heard import Heard

log = logging.getLogger(__name__)

MISSED_SECONDS: Final = 3600.0
"""What is older is not waited for any more."""
MOST_DIRECT: Final = 50
"""Direct messages that are looked into: where somebody talked last."""
MOST_READ: Final = 50
MOST_ANSWERED: Final = 5
"""Of one place, the newest."""
_AT_ONCE: Final = 8


class Missed:
    """`take` what was missed, once the bot is there."""

    def __init__(self, bot: Bot, heard: Heard) -> None:
        self._bot = bot
        self._heard = heard
        self._few = asyncio.Semaphore(_AT_ONCE)

    async def take(self) -> None:
        """Answer it, the oldest first in each place. Never raises what Discord says."""
        direct, threads = await self._bot.the(Database).run(rows.talked_in, now=time.time(), direct=MOST_DIRECT)
        await asyncio.gather(*map(self._in_direct, direct), *map(self._in_thread, threads))

    async def _in_direct(self, channel_id: int) -> None:
        async with self._few:
            try:
                channel = await self._bot.fetch_channel(channel_id)
                found = await self._missed(channel) if isinstance(channel, discord.DMChannel) else []
            except (discord.InvalidData, *PASSING) as error:
                log.info("what was written directly meanwhile is not known: %s", error)
                return
            for message in found:
                await self._heard.take(message)

    async def _in_thread(self, channel_id: int) -> None:
        thread = self._bot.get_channel(channel_id)
        if not isinstance(thread, discord.Thread) or not _is_new(thread.last_message_id or 0):
            return
        async with self._few:
            try:
                for message in await self._missed(thread):
                    if self._concerns(message):
                        # What is read has no word of a member's roles.
                        message.author = await thread.guild.fetch_member(message.author.id)
                        await self._heard.take(message)
            except PASSING as error:
                log.info("what was written in a chat meanwhile is not known: %s", error)

    async def _missed(self, channel: discord.DMChannel | discord.Thread) -> list[discord.Message]:
        """What nobody answered, oldest first."""
        found = [message async for message in channel.history(limit=MOST_READ) if _is_new(message.id)]
        me = self._bot.application_id
        answered = {each.reference.message_id for each in found if each.author.id == me and each.reference is not None}
        missed = [
            each
            for each in reversed(found)
            if not each.author.bot
            and each.type in said.WRITTEN
            and each.id not in answered
            and not any(reaction.me for reaction in each.reactions)
        ]
        return missed[-MOST_ANSWERED:]

    def _concerns(self, message: discord.Message) -> bool:
        named = any(one.id == self._bot.application_id for one in message.mentions)
        return named or self._bot.intents.message_content


def _is_new(message_id: int) -> bool:
    return discord.utils.snowflake_time(message_id).timestamp() > time.time() - MISSED_SECONDS
