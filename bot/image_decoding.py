"""Decodes pictures that strangers made: in a child process with a cap on memory and time, never in the bot's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from bot.subprocesses import program_of, run_python

log = logging.getLogger(__name__)

MEMORY_BYTES = 1024**3
SECONDS = 20.0
"""For all pictures of one call together."""
_ENDINGS = ("png", "jpg", "webp")
_PROGRAM = """
import sys
from bot.image_decoder import main
main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
"""


async def make_small(paths: Sequence[Path], *, side: int, shape: Literal["cut", "contain"] = "cut") -> dict[Path, Path]:
    """Each picture → its PNG beside it, `side` pixels square out of its middle, or (`contain`) whole within that.

    What can't be read, or not in time, is left out.
    """
    await _decode(shape, paths, side=side)
    return await asyncio.to_thread(_made, paths)


async def check(path: Path) -> str | None:
    """The width and height of a PNG, JPEG, WebP or GIF that is one as a whole, as it is shown: "1024x768"; `large`: it
    has more pixels than are decoded. None: it is no picture.

    A file has its signature by its first bytes alone, whatever comes after them.
    """
    await _decode("check", [path], side=0)
    return await asyncio.to_thread(_verdict, path.with_name(f"{path.name}.check"))


async def convert(path: Path) -> Path | None:
    """A picture in a format that Discord does not show → a PNG, JPEG or WebP file beside it. None: it can't be read.

    Keeps size, transparency and, as WebP, an AVIF's movement.
    """
    await _decode("convert", [path], side=0)
    return (await asyncio.to_thread(_made, [path])).get(path)


async def shrink(source: Path, target: Path, *, limit: int) -> bool:
    """Write a picture as JPEG of at most `limit` bytes to `target`. False: it can't be done, and nothing is left."""
    await _decode("shrink", [source], side=limit)
    made = source.with_name(f"{source.name}.jpg")
    return await asyncio.to_thread(lambda: made.is_file() and bool(made.replace(target)))


async def _decode(job: str, paths: Sequence[Path], *, side: int) -> None:
    if not paths:
        return
    limits = (str(MEMORY_BYTES), str(int(SECONDS)), str(side))
    try:
        ended, words = await run_python(*program_of(_PROGRAM), job, *limits, *map(str, paths), seconds=SECONDS)
    except TimeoutError:
        log.warning("pictures took longer than %s s to decode; it goes on without the rest", SECONDS)
        return
    finally:
        await asyncio.to_thread(_tidy, paths)
    if ended != 0:
        log.warning("the child process that decodes pictures ended with %s: %s", ended, words[-300:])


def _verdict(path: Path) -> str | None:
    word = path.read_text() if path.is_file() else None
    path.unlink(missing_ok=True)
    return word


def _made(paths: Sequence[Path]) -> dict[Path, Path]:
    candidates = ((path, path.with_name(f"{path.name}.{ending}")) for path in paths for ending in _ENDINGS)
    return {path: made for path, made in candidates if made.is_file()}


def _tidy(paths: Sequence[Path]) -> None:
    for path in paths:
        path.with_name(f"{path.name}.part").unlink(missing_ok=True)
