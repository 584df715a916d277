"""Threads that no cache holds: whether they are for everybody who sees their channel is asked of Discord, once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

import discord

from bot.ui.responses import PASSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from bot.store.gallery import Reach
    from bot.store.generations import Generation
    from bot.ui.typing import Interaction

log = logging.getLogger(__name__)

MOST_KNOWN: Final = 10_000
"""Threads of all servers together; the oldest is forgotten first, and asked after again."""
ROUNDS: Final = 8
"""How often something is read anew because what was found stands in a thread that turns out to be closed."""
SECONDS: Final = 8.0
"""For all that is asked meanwhile; what is not known by then is left out."""
_Found = TypeVar("_Found")


class OpenThreads:
    """What is known of threads. Discord has no way to make a public one private, or a private one public."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    async def is_open(self, guild: discord.Guild, thread_id: int, parent_id: int) -> bool:
        """Whether it is a public thread of that channel. What is not known now is not."""
        if (known := self._known.get(thread_id)) is not None:
            return known
        parent = guild.get_channel(parent_id)
        # Where the bot itself sees nothing, a refusal would say nothing of the thread.
        if parent is None or not parent.permissions_for(guild.me).view_channel:
            return False
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
        self._known[thread_id] = is_open
        return is_open


async def read_in_reach(
    interaction: Interaction,
    reach: Reach,
    read: Callable[[Connection, Reach], _Found],
    rows: Callable[[_Found], Iterable[Generation]],
) -> _Found:
    """What `read` finds, of which `rows` are shown: it is read anew until all of these may be.

    Sends requests to Discord. After some rounds, or seconds, only what is known to be in reach is read.
    """
    database = interaction.client.resources.database
    try:
        async with asyncio.timeout(SECONDS):
            for _ in range(ROUNDS):
                found = await database.run(read, reach)
                unknown = {row.channel_id: row for row in rows(found) if row.channel_id not in reach.channels}
                if not unknown:
                    return found
                open_ = await _open_among(interaction, unknown.values())
                reach = replace(reach, channels=reach.channels | open_, but=reach.but | (unknown.keys() - open_))
    except TimeoutError:
        log.info("which archived threads are open is not known now")
    return await database.run(read, reach.known)


async def _open_among(interaction: Interaction, rows: Iterable[Generation]) -> frozenset[int]:
    guild = interaction.guild
    if guild is None:
        return frozenset()
    threads = interaction.client.resources.threads
    asked = list(rows)
    answers = await asyncio.gather(
        *(threads.is_open(guild, row.channel_id, row.parent_channel_id or 0) for row in asked)
    )
    return frozenset(row.channel_id for row, is_open in zip(asked, answers, strict=True) if is_open)
