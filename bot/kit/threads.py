"""Threads that no cache holds: whether they are for everybody who sees their channel is asked of Discord, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import discord

from bot.kit.responses import PASSING
from bot.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Collection

TOO_MANY_THREADS: Final = frozenset({160006, 160007})
"""Discord's answers where a server has as many active threads as it may have."""
MOST_KNOWN: Final = 10_000
"""Threads of all servers together; the oldest is forgotten first, and asked after again.

A statement names those of one server: SQLite and asyncpg take 32,766 values in one.
"""


@dataclass(frozen=True, slots=True)
class _Known:
    parent_id: int
    is_open: bool


class OpenThreads:
    """What is known of threads. Discord has no way to make a public one private, or a private one public."""

    def __init__(self) -> None:
        self._known: Recent[int, _Known] = Recent(MOST_KNOWN)

    def inside(self, parents: Collection[int]) -> dict[int, bool]:
        """The known threads under these channels, and whether each is for everybody who sees its channel."""
        return {id_: known.is_open for id_, known in self._known.items() if known.parent_id in parents}

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
        self._known.put(thread_id, _Known(parent_id, is_open))
        return is_open
