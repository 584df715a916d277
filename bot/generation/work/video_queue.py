"""The videos that wait for their turn: each round starts those that have it, and tells the others their position."""

from __future__ import annotations

import time
from collections.abc import Collection

from sqlalchemy import Connection

from bot.generation.rows import admission
from bot.generation.rows.records import Generation
from bot.generation.work.tasks import Tasks
from bot.generation.work.worker import Worker
from bot.kit.bot import Share
from bot.settings import VIDEOS_PER_PERSON, VIDEOS_PER_SERVER
from bot.settings import stored as settings
from bot.store.database import Database

PLACE_SECONDS = 30.0
"""A place in line is shown anew at most this often: an edit happens when something changes, not to look busy."""


class VideoQueue:
    def __init__(self, database: Database, worker: Worker, tasks: Tasks, share: Share) -> None:
        """Of several processes the one that leads tells people their places."""
        self._share = share
        self._database = database
        self._worker = worker
        self._tasks = tasks
        self._places: dict[int, tuple[int | None, float]] = {}

    async def advance(self) -> bool:
        """Start the queued videos whose turn it is, and tell the others their place. True: as many as this process has
        room for, and there may be more.
        """
        now, leads = time.monotonic(), self._share.leads
        if not await self._database.run(admission.has_queued):
            self._places.clear()
            return False
        # A row that takes its place in line after this admission is the next one's: it does not wait yet.
        in_line = await self._database.run(admission.positions_in_line) if leads else {}
        paused, me = self._worker.progress.pauses.paused, self._database.process_id
        admitted: list[Generation] = []
        if room := self._worker.posts.room:
            admitted = await self._database.run(_admit, most=room, paused=paused, process_id=me, now=time.time())
        for row in admitted:
            # A card that was told to wait is told that it no longer does; the others say so from the start.
            waited = self._places.pop(row.id, None) is not None
            self._tasks.spawn(row, self._worker.live(row, show_first=waited))
        full = 0 < room == len(admitted)
        if not leads:
            return full
        places = await self._database.run(admission.positions_in_line)
        self._places = {id_: shown for id_, shown in self._places.items() if id_ in places}
        for id_, (row, place) in places.items():
            shown, at = self._places.get(id_, (None, -PLACE_SECONDS))
            if id_ in in_line and place != shown and now - at >= PLACE_SECONDS - 1 and id_ not in self._tasks:
                self._places[id_] = (place, now)
                self._tasks.spawn(row, self._show(row))
        return full

    async def _show(self, row: Generation) -> None:
        if not await self._worker.progress.show(row):
            self._places.pop(row.id, None)  # told again in the next round


def _admit(
    connection: Connection, *, most: int, paused: Collection[tuple[str, int]], process_id: int | None, now: float
) -> list[Generation]:
    """One round of admissions by every server's own limits."""
    servers = settings.of_servers(connection, keys=("max_running_videos_per_person", "max_running_videos"))
    limits = {
        guild_id: (
            _number(values.get("max_running_videos_per_person"), VIDEOS_PER_PERSON),
            _number(values.get("max_running_videos"), VIDEOS_PER_SERVER),
        )
        for guild_id, values in servers.items()
    }
    return admission.admit(
        connection,
        person_limit=VIDEOS_PER_PERSON,
        guild_limit=VIDEOS_PER_SERVER,
        of_guild=limits,
        most=most,
        paused=paused,
        process_id=process_id,
        now=now,
    )


def _number(stored: object, default: int) -> int:
    return stored if isinstance(stored, int) else default
