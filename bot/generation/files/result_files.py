"""Keeps results in DATA_DIR until they are delivered: fetched at once, since their links end."""

from __future__ import annotations

import asyncio
import logging
import math
import shutil
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from bot.api.images import Images
from bot.api.video import VideoStatus
from bot.errors import LinkMayWork, ResultError, ResultTooLarge, ResultUnavailable, WrongType
from bot.generation.files.fetching import ResultFetcher
from bot.generation.files.filetypes import Kind
from bot.generation.files.measuring import measure
from bot.generation.files.on_disk import ResultFile, remove_unfinished
from bot.generation.pace import Limits, expiry_of
from bot.generation.requests import Role, lasts, made_from, roles_of
from bot.generation.rows import inputs, result_rows
from bot.generation.rows.records import WITHHELD, Generation, NewResult, Result, not_shown
from bot.image_decoding import check
from bot.states import LIVE, State
from bot.store.database import Database
from bot.store.writes import backoff, until_committed

log = logging.getLogger(__name__)


class Overtaken(Exception):
    """The row's epoch has moved on: another worker, or a person's button, has it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Results with their files in DATA_DIR, as far as they can be had, and the links that may be of use to people.

    `missing`: the positions of those that a person got nothing of. Their link may work all the same.
    """

    results: tuple[Result, ...]
    missing: frozenset[int]

    @property
    def nothing(self) -> bool:
        return len(self.missing) == len(self.results)

    @property
    def had(self) -> tuple[Result, ...]:
        """With no link to what is missing: that would look as if it were there."""
        return tuple(replace(one, url=None) if one.position in self.missing else one for one in self.results)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFiles:
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
                    log.warning("a picture can't be used: %s", error, extra=row.logged)
                    continue
                path = str(file.path.relative_to(self.data_dir))
                kept.append(NewResult(path=path, content_type=file.content_type, size=file.size))
            elif picture.url is not None:
                kept.append(NewResult(url=picture.url, expires_at=expiry_of(picture.url, time.time())))
        return kept

    async def keep_clip(self, row: Generation, status: VideoStatus) -> NewResult:
        """The clip as a result. Where it is in doubt which link is the clip, the first one that holds one is."""
        url = status.url or ""
        linked = NewResult(url=url, expires_at=expiry_of(url, time.time()))
        if status.data is not None:
            try:
                file = await self._save(row, status.data, "0", kind=Kind.VIDEO)
            except ResultError as error:
                log.warning("the clip in an answer can't be used: %s", error, extra=row.logged)
            else:
                path = str(file.path.relative_to(self.data_dir))
                return NewResult(path=path, content_type=file.content_type, size=file.size)
        if not status.others:
            return linked
        likely: NewResult | None = None
        for each in (url, *status.others):
            found = NewResult(url=each, expires_at=expiry_of(each, time.time()))
            try:
                file = await self.fetcher.fetch(each, kind=Kind.VIDEO, directory=self._folder(row), name="0")
            except ResultTooLarge:
                return found  # it is one, and people get its link
            except (ResultError, OSError) as error:
                likely = likely or (found if isinstance(error, LinkMayWork) else None)
                log.info("one of the links is no clip: %s", error, extra=row.logged)
            else:
                path = str(file.path.relative_to(self.data_dir))
                return replace(found, path=path, content_type=file.content_type, size=file.size)
        return likely or linked

    async def measured(self, row: Generation, results: Sequence[Result]) -> tuple[Result, ...]:
        """With what the clips among them turned out to be, as far as that can be told."""
        found: list[Result] = []
        for one in results:
            clip = None
            if row.kind == Kind.VIDEO and one.path is not None and one.width is None:
                clip = await measure(self.data_dir / one.path)
            if clip is not None:
                known = {"width": clip.width, "height": clip.height, "seconds": clip.seconds, "sound": clip.sound}
                await until_committed(self.database, result_rows.note_measured, row.id, one.position, **known)
                one = replace(one, **known)  # noqa: PLW2901 - the same, with what is known of it now
            found.append(one)
        return tuple(found)

    async def _save(self, row: Generation, data: bytes, name: str, *, kind: Kind = Kind.IMAGE) -> ResultFile:
        """Save what exists nowhere else: a full disk is waited for as long as this process lives."""
        attempt = 0
        while True:
            try:
                return await self.fetcher.save(data, kind=kind, directory=self._folder(row), name=name)
            except OSError as error:
                log.error("a result can't be saved, trying again: %s", error, extra=row.logged)  # noqa: TRY400
                await asyncio.sleep(backoff(attempt, ceiling=30))
                attempt += 1

    async def fetch_inputs(self, row: Generation) -> Sequence[Result]:
        """The pictures that `row` sends along, each with its file in DATA_DIR. ResultError: one can't be had."""
        found: list[Result] = []
        roles = dict(enumerate(roles_of(row.parameters)))
        for one in await until_committed(self.database, inputs.of, row.id):
            if roles.get(one.position) in {Role.SOUND, Role.CLIP}:
                # The service fetches them itself: they are too large to be sent along.
                if not lasts(one):
                    raise ResultUnavailable
                found.append(one)
                continue
            here = one.path is not None and await asyncio.to_thread((self.data_dir / one.path).is_file)
            found.append(one if here else await self._fetch_input(row, one))
        if not found:
            raise ResultUnavailable
        return found

    async def sent(self, row: Generation) -> tuple[str, ...]:
        """What the service may repeat of the request in its answers, and is no result there."""
        if made_from(row) is None:
            return (row.prompt,)
        links = [one.url for one in await until_committed(self.database, inputs.of, row.id)]
        return (row.prompt, *filter(None, links))

    async def _fetch_input(self, row: Generation, one: Result) -> Result:
        if one.url is None:
            raise ResultUnavailable
        try:
            file = await self._download(row, one.url, kind=Kind.IMAGE, name=f"input-{one.position}")
        except OSError as error:
            raise ResultUnavailable(str(error)) from error
        verdict = await check(file.path)
        if verdict is None or verdict == "large":
            raise ResultTooLarge if verdict else WrongType
        width, height = map(int, verdict.split("x"))
        path = str(file.path.relative_to(self.data_dir))
        await until_committed(self.database, inputs.set_file, row.id, one.position, path, file.content_type, file.size)
        file_of_it = {"path": path, "content_type": file.content_type, "size": file.size}
        return replace(one, **file_of_it, width=width, height=height)

    async def fetch(self, row: Generation, results: Collection[Result]) -> Fetched:
        """Have the files of `results` here, tried again for a while: what was just made may not be readable yet."""
        tried = await asyncio.gather(*(self._fetch_one(row, result) for result in results))
        missing = frozenset(result.position for result, is_there in tried if not is_there)
        return Fetched(tuple(result for result, _ in tried), missing)

    async def _fetch_one(self, row: Generation, result: Result) -> tuple[Result, bool]:
        """`result`, and whether it can be had: its file is in DATA_DIR, or is too large for it and has a link. What is
        withheld is not missing: nobody is to have it.
        """
        if result.form == WITHHELD:
            return replace(result, path=None, url=None), True
        if result.path is not None and await asyncio.to_thread((self.data_dir / result.path).is_file):
            return self.showable(result), True
        missing = replace(result, path=None)
        if result.url is None:
            return missing, False
        kind = Kind(row.kind)
        has_ended = (result.expires_at or math.inf) < time.time()
        try:
            file = await self._download(
                row, result.url, kind=kind, name=str(result.position), tries=1 if has_ended else None, fresh=True
            )
        except ResultTooLarge:
            linked = self.showable(missing)
            return linked, linked.url is not None
        except (LinkMayWork, OSError):
            return self.showable(missing), False
        except ResultError:
            found = await self._from_content(row, result)
            if found is None:
                return replace(missing, url=None), False
            result, file = found
        path = str(file.path.relative_to(self.data_dir))
        known = (path, file.content_type, file.size)
        if not await until_committed(
            self.database, result_rows.set_file, row.id, row.epoch, result.position, *known, url=result.url
        ):
            raise Overtaken
        return self.showable(replace(result, path=path, content_type=file.content_type, size=file.size)), True

    async def _from_content(self, row: Generation, result: Result) -> tuple[Result, ResultFile] | None:
        """A clip whose link leads to something else, or nowhere, from where the service has it by its task's id."""
        url = f"{self.api_base_url}/videos/{quote(row.task_id or '', safe='')}/content"
        if row.kind != Kind.VIDEO or row.task_id is None or url == result.url:
            return None
        try:
            file = await self._download(row, url, kind=Kind.VIDEO, name=str(result.position), tries=1)
        except (ResultError, OSError):
            return None
        return replace(result, url=url), file

    async def _download(
        self, row: Generation, url: str, *, kind: Kind, name: str, tries: int | None = None, fresh: bool = False
    ) -> ResultFile:
        """The file behind `url`, tried again while what keeps it away may pass.

        `fresh`: it was just made, so that a page or nothing in its place may pass, too. ResultError: it can't be had;
        OSError: our own disk does not take it.
        """
        may_pass = (ResultUnavailable, OSError, *((WrongType,) if fresh else ()))
        began = time.monotonic()
        for attempt in range(tries or self.limits.tries_to_fetch):
            if attempt:
                await asyncio.sleep(backoff(attempt - 1, ceiling=10))
            try:
                return await self.fetcher.fetch(url, kind=kind, directory=self._folder(row), name=name)
            except (ResultError, OSError) as error:
                last = attempt == (tries or self.limits.tries_to_fetch) - 1
                log.warning("file %s of a generation can't be had: %s", name, error, extra=row.logged)
                if last or not isinstance(error, may_pass) or time.monotonic() - began > self.limits.fetch_seconds:
                    raise
        raise ResultUnavailable  # not a single try is allowed

    def showable(self, result: Result) -> Result:
        """`result` without its link where that is of no use to people: it has ended, needs the key, or is private."""
        url = result.url
        ended = result.expires_at is not None and result.expires_at < time.time()
        if url is None or ended or url.startswith(f"{self.api_base_url}/") or not self.fetcher.addresses.may_show(url):
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

    async def tidy(self, *, unfinished: bool) -> None:
        """Remove files that nobody will ask for again; with `unfinished` also what a killed process left half-written.

        Only a process that has not begun to fetch may ask for these.
        """
        folder = self.data_dir / "results"
        for path in await asyncio.to_thread(lambda: list(folder.glob("*/"))):
            found = (
                await self.database.run(result_rows.with_generation, int(path.name)) if path.name.isdigit() else None
            )
            kept = found is not None and self._is_kept(*found)
            if kept and unfinished:
                await asyncio.to_thread(remove_unfinished, path)
            elif not kept:
                await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)

    def _is_kept(self, row: Generation, results: Collection[Result]) -> bool:
        if row.state == State.DROPPED or (row.state == State.DELIVERED and not_shown(results)):
            return (row.ended_at or 0) > time.time() - self.limits.kept_seconds
        return row.state in LIVE

    def _folder(self, row: Generation) -> Path:
        return self.data_dir / "results" / str(row.id)
