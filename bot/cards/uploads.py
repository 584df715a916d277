"""Which files go with a delivered card: the originals where they fit, else made smaller, else a still of a clip.

The limit is the live one of the place. What is made here lies beside the originals in DATA_DIR and goes with them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

import discord

from bot.generation.card_facts import LINKED
from bot.generation.files import fit
from bot.generation.files.filetypes import SHOWN as DISPLAYED
from bot.generation.rows.records import Generation, Result
from bot.image_decoding import shrink
from bot.kinds import Kind
from bot.kit.spoilers import PREFIX

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
"""What Discord takes where nothing else is known."""
REQUEST_LIMIT = 25 * 1024 * 1024 - 64 * 1024
"""A whole request, with some room for what is not a file."""
_NUMBERED = re.compile(rf"(?:{PREFIX})?(\d{{1,3}})\.\w{{1,8}}")


class Form(IntEnum):
    """How much of a result is shown, best first."""

    ORIGINAL = 0
    SMALLER = 1
    STILL = 2
    LINK = LINKED


@dataclass(frozen=True, slots=True)
class Shown:
    """A file of the card that stands for the result at `position`; its name on Discord is `name`."""

    position: int
    name: str
    form: Form

    @property
    def is_displayed(self) -> bool:
        """Whether Discord displays it; what it can't is had as a file."""
        return Path(self.name).suffix[1:] in DISPLAYED.values()


@dataclass(frozen=True, slots=True)
class Upload(Shown):
    """Such a file that is still to be sent."""

    path: Path
    size: int


def noted(results: Sequence[Result], uploads: Sequence[Upload]) -> list[tuple[int, str | None, int]]:
    """What a card shows of each result, in the words of `generations.note_attachments`: a file, or only its link."""
    linked = {one.position: (one.position, None, int(Form.LINK)) for one in results if one.url is not None}
    return list({**linked, **{one.position: (one.position, one.name, int(one.form)) for one in uploads}}.values())


def attached_to(results: Sequence[Result], names: Iterable[str]) -> list[Shown]:
    """What files with these names show of the results. Where no form was noted they are taken for the originals."""
    shown: list[Shown] = []
    files = numbered(names)
    for result in results:
        if (name := files.get(result.position)) is not None:
            noted = result.form is not None and name == result.attachment
            shown.append(Shown(result.position, name, Form(result.form) if noted else Form.ORIGINAL))
    return shown


def numbered(names: Iterable[str]) -> dict[int, str]:
    """A card's files by the positions of the results (from 0) that they show: they are named "1.png" and so on."""
    found = {name: _NUMBERED.fullmatch(name) for name in names}
    return {int(match[1]) - 1: name for name, match in found.items() if match is not None}


class Uploads:
    """Chooses what is uploaded of the results under `data_dir`, and makes what has to be made for it, once."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        # One at a time: each may take two gigabytes.
        self._making = asyncio.Lock()

    async def choose(
        self,
        row: Generation,
        results: Sequence[Result],
        *,
        limit: int,
        best: Form = Form.ORIGINAL,
        spoiler: bool = False,
    ) -> list[Upload]:
        """An upload for each result that can have one, within `limit` bytes each and one request together.

        `best`: nothing better than this form is tried, since Discord refused what is better. `spoiler`: all of them
        are shown behind one.
        """
        share = min(limit, REQUEST_LIMIT // max(1, len(results)))
        chosen: list[Upload] = []
        for result in results:
            # The originals may use all of the request; only what is made anew keeps to its share.
            left = REQUEST_LIMIT - sum(upload.size for upload in chosen) - share * (len(results) - len(chosen) - 1)
            upload = await self._best(row, result, limit=min(limit, max(share, left)), best=best)
            if upload is not None:
                chosen.append(replace(upload, name=f"{PREFIX}{upload.name}") if spoiler else upload)
        return chosen

    async def _best(self, row: Generation, result: Result, *, limit: int, best: Form) -> Upload | None:
        if result.path is None or best is Form.LINK:
            return None
        source = self._data_dir / result.path
        number = result.position + 1
        if best is Form.ORIGINAL and (result.size or 0) <= limit:
            return Upload(result.position, f"{number}{source.suffix}", Form.ORIGINAL, source, result.size or 0)
        video = row.kind == Kind.VIDEO
        if best <= Form.SMALLER:
            # By the limit that it was made for: a delivery that is tried again has the same, another place may not.
            target = source.with_name(f"{source.stem}-smaller-{limit}{'.mp4' if video else '.jpg'}")
            size = await self._made(fit.smaller_clip if video else shrink, source, target, limit=limit)
            if size:
                return Upload(result.position, f"{number}{target.suffix}", Form.SMALLER, target, size)
        if video:
            target = source.with_name(f"{source.stem}-still-{limit}.jpg")
            size = await self._made(fit.still, source, target, limit=limit)
            if size:
                return Upload(result.position, f"{number}.jpg", Form.STILL, target, size)
        return None

    async def _made(self, make: Callable[..., Awaitable[bool]], source: Path, target: Path, *, limit: int) -> int:
        """The size of `target`, made from `source` if it is not there yet; 0 if it can't be made."""
        async with self._making:
            if not await asyncio.to_thread(target.is_file):
                # Whole or not at all under its name: the process may end while it is written.
                part = target.with_name(f"{target.name}.part")
                if not await make(source, part, limit=limit):
                    return 0
                await asyncio.to_thread(part.replace, target)
            return (await asyncio.to_thread(target.stat)).st_size


@asynccontextmanager
async def opened(uploads: Sequence[Upload] | None) -> AsyncGenerator[list[discord.File] | None]:
    """The uploads as discord.py's files, for one request. None stays None."""
    with ExitStack() as stack:

        def open_all() -> list[discord.File]:
            return [_open(upload, stack) for upload in uploads or ()]

        files = await asyncio.to_thread(open_all)
        yield None if uploads is None else files


def _open(upload: Upload, stack: ExitStack) -> discord.File:
    file = discord.File(upload.path, filename=upload.name)
    stack.callback(file.close)
    return file
