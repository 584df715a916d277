"""The pictures in cards, at addresses that work now: Discord's end after a day, so messages are asked for new ones."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import discord

from bot.generation.rows import generations
from bot.generation.rows.records import Result
from bot.kit.message_parts import media_in
from bot.kit.own_token import OwnToken
from bot.kit.places import reads
from bot.kit.responses import PASSING
from bot.states import State
from bot.store.database import Database
from bot.store.writes import until_committed

if TYPE_CHECKING:
    from bot.generation.rows.records import Generation
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Messages in one request: pictures that were made one after the other often come together."""

SECONDS = 8.0
"""For the messages of one channel; what has not come by then is shown without its pictures."""


@dataclass(frozen=True, slots=True)
class Looked:
    """`media`: row → what its card shows, in order. `gone`: rows whose message was deleted. Of others nothing came."""

    media: dict[int, Sequence[discord.UnfurledMediaItem]] = field(
        default_factory=dict[int, Sequence[discord.UnfurledMediaItem]]
    )
    gone: set[int] = field(default_factory=set[int])


async def look_at(bot: Bot, rows: Sequence[Generation], looked: Looked) -> None:
    """Fetch the messages of `rows` that `looked` says nothing of yet, and note what there is, and what is gone."""
    by_channel: dict[int, dict[int, Generation]] = {}
    for row in rows:
        known = row.id in looked.media or row.id in looked.gone
        if not known and row.message_id is not None and _bot_reads(bot, row):
            by_channel.setdefault(row.channel_id, {})[row.message_id] = row
    await asyncio.gather(*(_look_in(bot, channel_id, each, looked) for channel_id, each in by_channel.items()))


async def _look_in(bot: Bot, channel_id: int, of_message: Mapping[int, Generation], looked: Looked) -> None:
    found: dict[int, discord.Message] = {}
    gone: set[int] = set()
    try:
        async with asyncio.timeout(SECONDS):
            await _fetch(bot, channel_id, of_message, found, gone)
    except PASSING as error:
        log.info("the pictures of channel %s can't be looked at now: %s", channel_id, error)
    for message_id, message in found.items():
        # Of its own files, not of what is elsewhere.
        own = tuple(media for media in media_in(message.components) if media.attachment_id is not None)
        looked.media[of_message[message_id].id] = own
    for message_id in gone:
        row = of_message[message_id]
        looked.gone.add(row.id)
        await _forget(bot.the(Database), row)


def links_of(results: Sequence[Result]) -> list[str]:
    """The service's own links to results, as far as they still work."""
    now = time.time()
    return [one.url for one in results if one.url is not None and (one.expires_at or 0) > now]


async def _fetch(
    bot: Bot, channel_id: int, wanted: Collection[int], found: dict[int, discord.Message], gone: set[int]
) -> None:
    """Several at once, from the newest down. Only a message that is asked for by itself is known to be gone."""
    channel = bot.get_partial_messageable(channel_id)
    pending = sorted(wanted, reverse=True)
    async with bot.the(OwnToken).turn(channel_id):
        while pending:
            if len(pending) > 1:
                history = channel.history(limit=AT_ONCE, before=discord.Object(pending[0] + 1))
                found |= {message.id: message async for message in history if message.id in wanted}
            if pending[0] not in found:
                try:
                    found[pending[0]] = await channel.fetch_message(pending[0])
                except discord.NotFound:
                    gone.add(pending[0])
            pending = [message_id for message_id in pending if message_id not in found and message_id not in gone]


def _bot_reads(bot: Bot, row: Generation) -> bool:
    """Whether the bot may read back there: what Discord refuses counts against it."""
    if row.guild_id is None:
        return True
    guild = bot.get_guild(row.guild_id)
    if guild is None:
        return False
    channel = guild.get_channel_or_thread(row.channel_id) or guild.get_channel(row.parent_channel_id or 0)
    if channel is None:
        return False
    try:
        granted = channel.permissions_for(guild.me)
    except discord.ClientException:  # a thread whose channel is gone
        return False
    return reads(channel, granted)


async def _forget(database: Database, row: Generation) -> None:
    if row.message_id is not None:
        states = (State.DELIVERED,)
        await until_committed(database, generations.take_message, row.id, message_id=row.message_id, states=states)
