"""Orders checked by the service's moderation: the prompt, and the pictures that go along, before anything is sent;
pictures before they are shown.

A picture that is flagged is gone for good: its file is deleted and its address forgotten, so that no button, no later
delivery and no list shows it. One that can't be checked, after some tries, is shown behind a spoiler. Clips are not
checked: there is no moderation that takes them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.generation.pauses import place_of
from bot.generation.rows import result_rows
from bot.generation.rows.records import WITHHELD
from bot.image_decoding import make_small
from bot.kinds import Kind
from bot.orders.cost_rows import Whose
from bot.orders.moderation import OFF, RESULTS, Moderation
from bot.orders.policy import stored_values
from bot.settings.places import stored_at
from bot.settings.table import MODERATION, SETTINGS
from bot.store.writes import until_committed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.generation.rows.records import Generation, Result
    from bot.store.database import Database

log = logging.getLogger(__name__)

SIDE: Final = 768
"""Pixels: what it takes to see what a picture shows."""
TRIES: Final = 3
WAIT: Final = 1.0
_KEY: Final = "moderation"


class NotHeld(Exception):
    """The row has moved on: another worker, or a person's button, has it."""


@dataclass(frozen=True, slots=True)
class Screened:
    """`results` as they may be shown. `unchecked`: nobody could tell of some."""

    results: tuple[Result, ...]
    unchecked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    database: Database
    moderation: Moderation
    data_dir: Path

    async def flags(self, row: Generation) -> bool:
        """Whether the prompt may not be sent. What can't be told is no reason."""
        if await self._level(row) == OFF:
            return False
        flagged = await self.moderation.flags(row.prompt, _whose(row))
        if flagged:
            log.info("a prompt is not sent", extra=row.logged)
        return bool(flagged)

    async def flags_inputs(self, row: Generation, inputs: Sequence[Result]) -> bool:
        """As `flags`, of the pictures that go along: they say as much as words. Sounds and clips are not looked at."""
        pictures = [one for one in inputs if (one.content_type or "image/").startswith("image/")]
        if not pictures or self.moderation.there is False or await self._level(row) == OFF:
            return False
        flagged = any(await self._all(row, pictures, tries=1))
        if flagged:
            log.info("a picture that goes along is not sent", extra=row.logged)
        return flagged

    async def results(self, row: Generation, results: Sequence[Result], *, elsewhere: str | None = None) -> Screened:
        """Without what is flagged, of which nothing is kept. NotHeld.

        `elsewhere`: as another place has it set, where they are shown once more; where they were made they stay.
        """
        shown = tuple(results)
        if row.kind != Kind.IMAGE or (await self._level(row) if elsewhere is None else elsewhere) != RESULTS:
            return Screened(shown)
        open_ = [one for one in shown if one.form != WITHHELD and (one.path or one.url)]
        verdicts = dict(zip((one.position for one in open_), await self._all(row, open_), strict=True))
        withheld = [position for position, flagged in verdicts.items() if flagged]
        if withheld and elsewhere is None:
            log.warning("%s pictures are withheld", len(withheld), extra=row.logged)
            if not await until_committed(self.database, result_rows.withhold, row.id, row.epoch, withheld):
                raise NotHeld
            gone = [self.data_dir / one.path for one in open_ if one.position in withheld and one.path]
            await asyncio.to_thread(_remove, gone)
        kept = tuple(
            replace(one, url=None, path=None, form=WITHHELD) if one.position in withheld else one for one in shown
        )
        return Screened(kept, unchecked=None in verdicts.values())

    async def _all(self, row: Generation, results: Sequence[Result], *, tries: int = TRIES) -> list[bool | None]:
        files = {one.position: self.data_dir / one.path for one in results if one.path}
        small = await make_small(list(files.values()), side=SIDE, shape="contain")
        try:
            return await asyncio.gather(
                *(self._one(row, one, small.get(files.get(one.position, Path())), tries=tries) for one in results)
            )
        finally:
            await asyncio.to_thread(_remove, list(small.values()))

    async def _one(self, row: Generation, result: Result, small: Path | None, *, tries: int) -> bool | None:
        if small is not None:
            data = await asyncio.to_thread(small.read_bytes)
            url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
        elif result.url is not None:
            url = result.url
        else:
            return None
        flagged = None
        for attempt in range(tries):
            if attempt:
                await asyncio.sleep(WAIT * 2**attempt)
            if (flagged := await self.moderation.flags_picture(url, _whose(row))) is not None:
                break
        return flagged

    async def _level(self, row: Generation) -> str:
        return await until_committed(self.database, _level, row)


def _whose(row: Generation) -> Whose:
    return Whose(row.guild_id, row.channel_id, row.person_id, Kind(row.kind).command)


def _level(connection: Connection, row: Generation) -> str:
    place = place_of(row)
    found = stored_at(SETTINGS[_KEY], place, stored_values(connection, place), MODERATION)
    return MODERATION if found is None else str(found.value)


def _remove(files: Sequence[Path]) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()
