"""Keeps results in DATA_DIR until they are delivered: fetched at once, since their links end."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.api.images import Images
from bot.errors import ForbiddenAddress, ResultError, ResultUnavailable
from bot.generation.filetypes import Kind
from bot.generation.pace import Limits, backoff, expiry_of
from bot.generation.results import ResultFetcher, ResultFile, remove_leftovers
from bot.generation.states import LIVE, State
from bot.generation.writes import surely
from bot.store import generations, inputs
from bot.store.database import Database
from bot.store.generations import Generation, NewResult, Result

log = logging.getLogger(__name__)


class Overtaken(Exception):
    """The row's epoch has moved on: another worker, or a person's button, has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """`api_base_url`: what lies under it needs the key, so people get no link to it."""

    database: Database
    fetcher: ResultFetcher
    api_base_url: str
    data_dir: Path
    limits: Limits

    async def keep(self, row: Generation, images: Images) -> list[NewResult]:
        """The pictures as results; those that came inside the answer exist nowhere else and are saved first."""
        kept: list[NewResult] = []
        for picture in images.pictures:
            position = len(kept)
            if picture.data is not None:
                try:
                    file = await self._save(row, picture.data, str(position))
                except ResultError as error:
                    log.warning("generation %s: a picture can't be used: %s", row.id, error)
                    continue
                path = str(file.path.relative_to(self.data_dir))
                kept.append(NewResult(path=path, content_type=file.content_type, size=file.size))
            elif picture.url is not None:
                kept.append(NewResult(url=picture.url, expires_at=expiry_of(picture.url, time.time())))
        return kept

    async def _save(self, row: Generation, data: bytes, name: str) -> ResultFile:
        """Save what exists nowhere else: a full disk is waited for as long as this process lives."""
        attempt = 0
        while True:
            try:
                return await self.fetcher.save(data, kind="image", directory=self._folder(row), name=name)
            except OSError as error:
                log.error("generation %s: a picture can't be saved, trying again: %s", row.id, error)  # noqa: TRY400
                await asyncio.sleep(backoff(attempt, ceiling=30))
                attempt += 1

    async def fetch_inputs(self, row: Generation) -> Sequence[Result]:
        """The pictures that `row` sends along, each with its file in DATA_DIR. ResultError: one can't be had."""
        found: list[Result] = []
        for one in await surely(self.database, inputs.of, row.id):
            here = one.path is not None and await asyncio.to_thread((self.data_dir / one.path).is_file)
            found.append(one if here else await self._fetch_input(row, one))
        if not found:
            raise ResultUnavailable
        return found

    async def _fetch_input(self, row: Generation, one: Result) -> Result:
        if one.url is None:
            raise ResultUnavailable
        file = await self._download(row, one.url, kind="image", name=f"input-{one.position}")
        path = str(file.path.relative_to(self.data_dir))
        await surely(self.database, inputs.set_file, row.id, one.position, path, file.content_type, file.size)
        return replace(one, path=path, content_type=file.content_type, size=file.size)

    async def fetch(self, row: Generation, results: Collection[Result]) -> tuple[Result, ...]:
        return tuple(await asyncio.gather(*(self._fetch_one(row, result) for result in results)))

    async def _fetch_one(self, row: Generation, result: Result) -> Result:
        """`result` with its file in DATA_DIR, or without one when it can't be had: then its link is what is left."""
        if result.path is not None and await asyncio.to_thread((self.data_dir / result.path).is_file):
            return self.showable(result)
        if result.url is None:
            return result
        kind = "image" if row.kind == "image" else "video"
        try:
            file = await self._download(row, result.url, kind=kind, name=str(result.position))
        except ForbiddenAddress:
            return replace(result, path=None, url=None)
        except ResultError:
            return self.showable(replace(result, path=None))
        path = str(file.path.relative_to(self.data_dir))
        known = (path, file.content_type, file.size)
        if not await surely(self.database, generations.set_result_file, row.id, row.epoch, result.position, *known):
            raise Overtaken
        return self.showable(replace(result, path=path, content_type=file.content_type, size=file.size))

    async def _download(self, row: Generation, url: str, *, kind: Kind, name: str) -> ResultFile:
        """The file behind `url`, tried again while what keeps it away may pass. ResultError: it can't be had."""
        for attempt in range(self.limits.tries_to_fetch):
            if attempt:
                await asyncio.sleep(backoff(attempt - 1, ceiling=10))
            try:
                return await self.fetcher.fetch(url, kind=kind, directory=self._folder(row), name=name)
            except (ResultUnavailable, OSError) as error:  # an OSError is our own disk's: it may be freed
                log.warning("generation %s: file %s: %s", row.id, name, error)
            except ResultError as error:
                log.warning("generation %s: file %s refused: %s", row.id, name, error)
                raise
        raise ResultUnavailable

    def showable(self, result: Result) -> Result:
        """`result` without its link where that is of no use to people: it has ended, needs the key, or is private."""
        url = result.url
        ended = result.expires_at is not None and result.expires_at < time.time()
        if url is None or ended or url.startswith(f"{self.api_base_url}/") or not self.fetcher.may_show(url):
            return replace(result, url=None)
        return result

    async def forget(self, row: Generation) -> None:
        """Remove its files: they are where they belong."""
        await asyncio.to_thread(shutil.rmtree, self._folder(row), ignore_errors=True)

    async def forget_all(self, ids: Collection[int]) -> None:
        """Remove the files of these rows: they were taken away, or their time is over."""

        def remove() -> None:
            for id_ in ids:
                shutil.rmtree(self.data_dir / "results" / str(id_), ignore_errors=True)

        await asyncio.to_thread(remove)

    async def tidy(self, *, leftovers: bool) -> None:
        """Remove files that nobody will ask for again; with `leftovers` also what a killed process left half-written.

        Only a process that has not begun to fetch may ask for these.
        """
        folder = self.data_dir / "results"
        for path in await asyncio.to_thread(lambda: list(folder.glob("*/"))):
            row = await self.database.run(generations.get, int(path.name)) if path.name.isdigit() else None
            kept = row is not None and (
                row.state in LIVE
                or (row.state == State.DROPPED and (row.ended_at or 0) > time.time() - self.limits.kept_seconds)
            )
            if kept and leftovers:
                await asyncio.to_thread(remove_leftovers, path)
            elif not kept:
                await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)

    def _folder(self, row: Generation) -> Path:
        return self.data_dir / "results" / str(row.id)
