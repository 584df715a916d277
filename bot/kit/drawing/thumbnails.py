"""Pictures of Discord's messages, small: fetched within limits, decoded in a child process with limits of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp

from bot.image_decoding import make_small
from bot.kit.responses import BROKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import discord

log = logging.getLogger(__name__)

MOST_BYTES: Final = 25 * 1024 * 1024
"""Of one file. Discord's proxy sends them smaller; what it does not make smaller comes as it is."""
MOST_BYTES_TOGETHER: Final = 100 * 1024 * 1024
AT_ONCE: Final = 6
FETCH_SECONDS: Final = 20.0


async def thumbnails(media: Iterable[discord.UnfurledMediaItem], folder: Path, *, side: int) -> dict[str, Path]:
    """Their addresses → PNG files in `folder`, `side` pixels square. What can't be had or read is left out."""
    fetched = await _fetch({item.url: item for item in media}, folder, side=side)
    made = await make_small(list(fetched.values()), side=side)
    return {url: made[path] for url, path in fetched.items() if path in made}


async def _fetch(media: dict[str, discord.UnfurledMediaItem], folder: Path, *, side: int) -> dict[str, Path]:
    fetched: dict[str, Path] = {}
    room = MOST_BYTES_TOGETHER
    turns = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def fetch(number: int, item: discord.UnfurledMediaItem) -> None:
            nonlocal room
            async with turns:
                for address in _addresses(item, side):
                    data = await _read(session, address, limit=min(MOST_BYTES, room))
                    if data is not None:
                        room -= len(data)
                        path = folder / str(number)
                        await asyncio.to_thread(path.write_bytes, data)
                        fetched[item.url] = path
                        return

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FETCH_SECONDS):
                await asyncio.gather(*(fetch(number, item) for number, item in enumerate(media.values())))
    return dict(fetched)


def _addresses(item: discord.UnfurledMediaItem, side: int) -> Sequence[str]:
    """Discord's proxy makes a picture as small as it is asked to; the file itself where that fails."""
    if not item.proxy_url or not item.width or not item.height or min(item.width, item.height) <= side:
        return (item.url,)
    by = side / min(item.width, item.height)
    joint = "&" if "?" in item.proxy_url else "?"
    smaller = f"{item.proxy_url.rstrip('&')}{joint}width={round(item.width * by)}&height={round(item.height * by)}"
    return (smaller, item.url)


async def _read(session: aiohttp.ClientSession, address: str, *, limit: int) -> bytes | None:
    try:
        async with session.get(address, allow_redirects=False) as response:
            if response.status != 200 or (response.content_length or 0) > limit:
                return None
            pieces: list[bytes] = []
            async for piece in response.content.iter_chunked(65536):
                pieces.append(piece)
                limit -= len(piece)
                if limit < 0:
                    return None
            return b"".join(pieces)
    except BROKEN as error:
        log.info("a picture can't be fetched for a drawing: %s", error)
        return None
