"""What people wrote to the bot while it was away: Discord sends it to nobody later, so it is looked for.

In direct messages, in threads that /chat opened, in channels where somebody asked it something a while ago, and where
another feature hears what is written (a jam's ideas): nowhere else is it known without reading a whole server. What was
answered shows in the channel itself, and nothing is answered twice (`bot.store.events`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from typing import TYPE_CHECKING, Final, TypeAlias

import discord

from bot.kit import written
from bot.kit.cog import features, taken
from bot.kit.responses import PASSING
from bot.store.database import Database
from cogs.ask import chat_rows as rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.kit.bot import Bot
    from cogs.ask.heard import Heard

log = logging.getLogger(__name__)

MISSED_SECONDS: Final = 3600.0
"""What is older is not waited for any more."""
MOST_DIRECT: Final = 50
"""Direct messages that are looked into: where somebody talked last."""
MOST_CHANNELS: Final = 50
MOST_READ: Final = 50
MOST_ANSWERED: Final = 5
"""Of one place, the newest."""
_AT_ONCE: Final = 8
OVERTAKEN_SECONDS: Final = 10.0
"""In a channel, what was written so long before the last question that is known may have been overtaken by it."""


class Missed:
    """`take` what was missed, once the bot is there."""

    def __init__(self, bot: Bot, heard: Heard) -> None:
        self._bot = bot
        self._heard = heard
        self._few = asyncio.Semaphore(_AT_ONCE)

    async def take(self, shard_id: int) -> None:
        """Answer what would have come by a shard, the oldest first in each place. Never raises what Discord says.

        Of several processes the one looks that holds the shard. One that is only about to hold it, since it takes it
        over from another that lives, has missed nothing.
        """
        run = self._bot.the(Database).run
        most = MOST_DIRECT if shard_id == 0 and self._bot.share.holds(None) else 0
        direct, threads = await run(rows.talked_in, now=time.time(), direct=most)
        asked = await run(rows.asked_in, since=_ago(MISSED_SECONDS), most=MOST_CHANNELS)
        places = dict.fromkeys(threads, 0) | {
            id_: newest - _ids(OVERTAKEN_SECONDS) for id_, newest in asked.items() if id_ not in threads
        }
        others = {id_ for feature in features(self._bot) for id_ in await feature.hears_in()}
        places = dict[int, int | None].fromkeys(others) | places
        there = [
            self._in_server(channel, after, others)
            for id_, after in places.items()
            if (channel := self._there(id_, shard_id)) is not None
        ]
        await asyncio.gather(*map(self._in_direct, direct), *there)

    def _there(self, channel_id: int, shard_id: int) -> _Written | None:
        """A place in a server where somebody may have written meanwhile."""
        channel = self._bot.get_channel(channel_id)
        if not isinstance(channel, _Written) or not _is_new(channel.last_message_id or 0):
            return None
        ours = channel.guild.shard_id == shard_id and self._bot.share.holds(channel.guild.id)
        return channel if ours else None

    async def _in_direct(self, channel_id: int) -> None:
        async with self._few:
            try:
                channel = await self._bot.fetch_channel(channel_id)
                found = await self._missed(channel) if isinstance(channel, discord.DMChannel) else []
            except (discord.InvalidData, *PASSING) as error:
                log.info("what was written directly meanwhile is not known: %s", error)
                return
            for message in found[-MOST_ANSWERED:]:
                await self._heard.take(message)

    async def _in_server(self, channel: _Written, after: int | None, others: Collection[int]) -> None:
        """`after` 0: it is a chat's thread, where what names nobody may be for the bot, too; None: nothing is asked
        there. `others`: where a message may be for another feature alone.
        """
        all_ = after == 0 and self._bot.intents.message_content
        async with self._few:
            try:
                missed = await self._missed(channel)
                since = math.inf if after is None else after
                ours = [each for each in missed if each.id > since and (all_ or self._names_me(each))][-MOST_ANSWERED:]
                for message in missed:
                    replies = written.replied_to(message) is not None or self._names_me(message)
                    if message not in ours and not (replies and channel.id in others):
                        continue
                    # What is read has no word of a member's roles. Who has left is not answered.
                    with contextlib.suppress(discord.NotFound):
                        message.author = await channel.guild.fetch_member(message.author.id)
                        if not await taken(self._bot, message) and message in ours:
                            await self._heard.take(message)
            except PASSING as error:
                log.info("what was written in a channel meanwhile is not known: %s", error)

    async def _missed(self, channel: discord.DMChannel | _Written) -> list[discord.Message]:
        """What nobody answered, oldest first."""
        found = [message async for message in channel.history(limit=MOST_READ) if _is_new(message.id)]
        me = self._bot.application_id
        answered = {each.reference.message_id for each in found if each.author.id == me and each.reference is not None}
        return [
            each
            for each in reversed(found)
            if not each.author.bot
            and each.type in written.WRITTEN
            and each.id not in answered
            and not any(reaction.me for reaction in each.reactions)
        ]

    def _names_me(self, message: discord.Message) -> bool:
        return any(one.id == self._bot.application_id for one in message.mentions)


_Written: TypeAlias = discord.Thread | discord.TextChannel | discord.VoiceChannel | discord.StageChannel


def _is_new(message_id: int) -> bool:
    return message_id > _ago(MISSED_SECONDS)


def _ago(seconds: float) -> int:
    """The id that a message of that time has."""
    return discord.utils.time_snowflake(discord.utils.utcnow()) - _ids(seconds)


def _ids(seconds: float) -> int:
    """How much higher an id is so much later."""
    return int(seconds * 1000) << 22
