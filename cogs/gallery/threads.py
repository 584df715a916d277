"""Threads that no cache holds: whether they are for everybody who sees their channel is asked of Discord, once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from bot.kit.threads import OpenThreads
from bot.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection

    from bot.generation.rows.records import Generation
    from bot.kit.bot import Interaction
    from cogs.gallery.rows import Reach

log = logging.getLogger(__name__)

MOST_ASKED: Final = 100
"""Threads that one interaction asks after. The next one knows of these, and comes to others."""
AT_ONCE: Final = 5
"""Requests under way for one interaction: they share the bot's limit with all that it delivers."""
SECONDS: Final = 8.0
"""For all that is asked meanwhile; what is not known by then is left out."""
_Found = TypeVar("_Found")


async def read_in_reach(
    interaction: Interaction,
    reach: Reach,
    read: Callable[[Connection, Reach], _Found],
    rows: Callable[[_Found], Iterable[Generation]],
) -> _Found:
    """What `read` finds, of which `rows` are shown: it is read anew until all of these may be.

    Sends requests to Discord. After so many, or so many seconds, only what is known to be in reach is read.
    """
    the = interaction.client.the
    reach = _told(the(OpenThreads), _seen_by_bot(interaction, reach))
    asked = 0
    try:
        async with asyncio.timeout(SECONDS):
            while asked < MOST_ASKED:
                found = await the(Database).run(read, reach)
                elsewhere = {row.channel_id: row for row in rows(found) if row.channel_id not in reach.channels}
                unknown = dict(islice(elsewhere.items(), AT_ONCE))
                if not unknown:
                    return found
                asked += len(unknown)
                open_ = await _open_among(interaction, unknown)
                reach = replace(reach, channels=reach.channels | open_, but=reach.but | (unknown.keys() - open_))
    except TimeoutError:
        log.info("which archived threads are open is not known now")
    # Some of those that were asked after last may have answered in time.
    return await the(Database).run(read, _told(the(OpenThreads), reach).known)


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
    threads = interaction.client.the(OpenThreads)
    answers = await asyncio.gather(
        *(threads.is_open(guild, id_, row.parent_channel_id or 0) for id_, row in rows.items())
    )
    return frozenset(id_ for id_, is_open in zip(rows, answers, strict=True) if is_open)


def _told(threads: OpenThreads, reach: Reach) -> Reach:
    """`reach`, in which nothing is still to be seen of the threads that are known."""
    inside = threads.inside(reach.parents)
    open_ = {id_ for id_, is_open in inside.items() if is_open} - reach.but
    return replace(reach, channels=reach.channels | open_, but=reach.but | (inside.keys() - open_))
