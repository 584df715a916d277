"""Requests that make something: how many of them this process has at the service, or is about to send.

One of several processes takes a row only where it has a place for its request, so that others take the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager


class Posts:
    """A place for each row's request, `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places = asyncio.Semaphore(most)
        self._rows: set[int] = set()
        self.freed: Callable[[], None] = lambda: None
        """Called when there is a place again, where there was none."""

    @property
    def room(self) -> int:
        return self._most - len(self._rows)

    async def have_room(self) -> None:
        """Return when there is a place."""
        async with self._places:
            pass

    async def take(self, row_id: int) -> bool:
        """Wait for a row's place. False: it has one, since somebody here is at work on it already."""
        await self._places.acquire()
        if row_id in self._rows:
            self._places.release()
            return False
        self._rows.add(row_id)
        return True

    def leave(self, row_id: int) -> None:
        """Its request is over, or there will be none. May be called again."""
        if row_id in self._rows:
            was_full = not self.room
            self._rows.discard(row_id)
            self._places.release()
            if was_full:
                self.freed()

    @asynccontextmanager
    async def sending(self, row_id: int) -> AsyncGenerator[None]:
        """Inside, its request is sent: in the place that was taken for it, else in one that is waited for."""
        if row_id not in self._rows:
            await self.take(row_id)
        try:
            yield
        finally:
            self.leave(row_id)
