"""Threads that no cache holds: whether they are for everybody who sees their channel is asked of Discord, once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

import discord

from bot.ui.responses import PASSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection

    from bot.store.gallery import Reach
    from bot.store.generations import Generation
    from bot.ui.typing import Interaction

log = logging.getLogger(__name__)

MOST_KNOWN: Final = 10_000
"""Threads of all servers together; the oldest is forgotten first, and asked after again.

A statement names those of one server: SQLite and asyncpg take 32,766 values in one.
"""
MOST_ASKED: Final = 100
"""Threads that one interaction asks after. The next one knows of these, and comes to others."""
AT_ONCE: Final = 5
"""Requests under way for one interaction: they share the bot's limit with all that it delivers."""
SECONDS: Final = 8.0
"""For all that is asked meanwhile; what is not known by then is left out."""
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class _Known:
    parent_id: int
    is_open: bool


class OpenThreads:
    """What is known of threads. Discord has no way to make a public one private, or a private one public."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def told(self, reach: Reach) -> Reach:
        """`reach`, in which nothing is still to be seen of the threads that are known."""
        inside = {id_: known for id_, known in self._known.items() if known.parent_id in reach.parents}
        open_ = {id_ for id_, known in inside.items() if known.is_open} - reach.but
        return replace(reach, channels=reach.channels | open_, but=reach.but | (inside.keys() - open_))

    async def is_open(self, guild: discord.Guild, thread_id: int, parent_id: int) -> bool:
        """Whether it is a public thread of that channel. What is not known now is not."""
        if (known := self._known.get(thread_id)) is not None:
            return known.is_open
        try:
            thread = await guild.fetch_channel(thread_id)
        except (discord.NotFound, discord.Forbidden, discord.InvalidData):
            is_open = False
        except PASSING:
            return False
        else:
            is_open = isinstance(thread, discord.Thread) and not thread.is_private() and thread.parent_id == parent_id
        while len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[thread_id] = _Known(parent_id, is_open)
        return is_open


async def read_in_reach(
    interaction: Interaction,
    reach: Reach,
    read: Callable[[Connection, Reach], _Found],
    rows: Callable[[_Found], Iterable[Generation]],
) -> _Found:
    """What `read` finds, of which `rows` are shown: it is read anew until all of these may be.

    Sends requests to Discord. After so many, or so many seconds, only what is known to be in reach is read.
    """
    resources = interaction.client.resources
    reach = resources.threads.told(_seen_by_bot(interaction, reach))
    asked = 0
    try:
        async with asyncio.timeout(SECONDS):
            while asked < MOST_ASKED:
                found = await resources.database.run(read, reach)
                standing = {row.channel_id: row for row in rows(found) if row.channel_id not in reach.channels}
                unknown = dict(islice(standing.items(), AT_ONCE))
                if not unknown:
                    return found
                asked += len(unknown)
                open_ = await _open_among(interaction, unknown)
                reach = replace(reach, channels=reach.channels | open_, but=reach.but | (unknown.keys() - open_))
    except TimeoutError:
        log.info("which archived threads are open is not known now")
    # Some of those that were asked after last may have answered in time.
    return await resources.database.run(read, resources.threads.told(reach).known)


def _seen_by_bot(interaction: Interaction, reach: Reach) -> Reach:
    """Without the threads in channels that the bot does not see: a refusal would say nothing of them."""
    guild = interaction.guild
    if guild is None:
        return replace(reach, parents=frozenset())
    channels = filter(None, map(guild.get_channel, reach.parents))
    seen = (channel.id for channel in channels if channel.permissions_for(guild.me).view_channel)
    return replace(reach, parents=frozenset(seen))


async def _open_among(interaction: Interaction, rows: Mapping[int, Generation]) -> frozenset[int]:
    """Those of these channels, each with a row that stands there, that are open threads."""
    guild = interaction.guild
    if guild is None:
        return frozenset()
    threads = interaction.client.resources.threads
    answers = await asyncio.gather(
        *(threads.is_open(guild, id_, row.parent_channel_id or 0) for id_, row in rows.items())
    )
    return frozenset(id_ for id_, is_open in zip(rows, answers, strict=True) if is_open)
