"""Which files go with a delivered card: the originals where they fit, else made smaller, else a still of a clip.

The limit is the live one of the place. What is made here lies beside the originals in DATA_DIR and goes with them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import discord

from bot.generation import fit
from bot.store.generations import Generation, Result

DEFAULT_UPLOAD_LIMIT = 10 * 1024 * 1024
"""What Discord takes where nothing else is known."""
REQUEST_LIMIT = 25 * 1024 * 1024 - 64 * 1024
"""A whole request, with some room for what is not a file."""


class Form(IntEnum):
    """How much of a result is shown, best first."""

    ORIGINAL = 0
    SMALLER = 1
    STILL = 2
    LINK = 3


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that stands for the result at `position`; its name on Discord is `name`."""

    position: int
    path: Path
    name: str
    form: Form
    size: int


async def choose(
    row: Generation, results: Sequence[Result], data_dir: Path, *, limit: int, best: Form = Form.ORIGINAL
) -> list[Upload]:
    """An upload for each result that can have one, all of them within `limit` bytes each and one request together.

    `best`: nothing better than this form is tried, since Discord refused what is better.
    """
    share = min(limit, REQUEST_LIMIT // max(1, len(results)))
    chosen: list[Upload] = []
    for result in results:
        # The originals may use all of the request; only what is made anew keeps to its share.
        left = REQUEST_LIMIT - sum(upload.size for upload in chosen) - share * (len(results) - len(chosen) - 1)
        upload = await _best(row, result, data_dir, limit=min(limit, max(share, left)), best=best)
        if upload is not None:
            chosen.append(upload)
    return chosen


async def open_files(uploads: Sequence[Upload]) -> list[discord.File]:
    """The uploads as discord.py's files; the caller closes them."""
    return await asyncio.to_thread(lambda: [discord.File(upload.path, filename=upload.name) for upload in uploads])


async def _best(row: Generation, result: Result, data_dir: Path, *, limit: int, best: Form) -> Upload | None:
    if result.path is None or best is Form.LINK:
        return None
    source = data_dir / result.path
    number = result.position + 1
    if best is Form.ORIGINAL and (result.size or 0) <= limit:
        return Upload(result.position, source, f"{number}{source.suffix}", Form.ORIGINAL, result.size or 0)
    video = row.kind == "video"
    if best <= Form.SMALLER:
        target = source.with_name(f"{source.stem}-smaller{'.mp4' if video else '.jpg'}")
        make = fit.smaller_clip if video else fit.smaller_picture
        if await make(source, target, limit=limit):
            return await _made(result.position, target, f"{number}{target.suffix}", Form.SMALLER)
    if video:
        target = source.with_name(f"{source.stem}-still.jpg")
        if await fit.still(source, target, limit=limit):
            return await _made(result.position, target, f"{number}.jpg", Form.STILL)
    return None


async def _made(position: int, path: Path, name: str, form: Form) -> Upload:
    size = (await asyncio.to_thread(path.stat)).st_size
    return Upload(position, path, name, form, size)
