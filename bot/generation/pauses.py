"""Which places are paused: nothing begins there, and what is finished meanwhile is held until they go on.

Held in memory, since every step of every row asks; read anew when a moderator pauses or resumes, and at the start.
"""

from __future__ import annotations

import asyncio

from bot.generation.rows.records import Generation
from bot.settings import Place, Scope
from bot.settings import stored as settings
from bot.settings.places import PAUSED
from bot.store.database import Database


def place_of(row: Generation) -> Place:
    """Where `row` was ordered, in the words of the settings."""
    parent = row.parent_channel_id
    return Place(
        channel_id=parent or row.channel_id,
        thread_id=row.channel_id if parent else None,
        category_id=row.category_id,
        guild_id=row.guild_id,
    )


class Pauses:
    """`load` before the first row is worked on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = asyncio.Event()
        self.paused: frozenset[tuple[Scope, int]] = frozenset()

    async def load(self) -> None:
        """Read which places are paused, and wake what waits for one that no longer is."""
        stored = await self._database.run(settings.places_with, key=PAUSED)
        self.paused = frozenset((Scope(scope), scope_id) for scope, scope_id in stored)
        waiting, self._changed = self._changed, asyncio.Event()
        waiting.set()

    def held(self, row: Generation) -> bool:
        return bool(self.paused) and any((scope, id_) in self.paused for _, scope, id_ in place_of(row).scopes())

    async def free(self, row: Generation) -> None:
        """Return when the place of `row` is not paused."""
        while self.held(row):
            await self._changed.wait()
