"""A file that came with a question: a picture for models that see, or text. Told by its content alone.

Discord guesses a type by the name: of `index.ts` it says video/mp2t.
"""

from __future__ import annotations

import asyncio
import base64
import re
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import discord

from bot.api.chat import ImagePart, Message, TextPart
from bot.api.filetypes import content_type_of
from bot.cards.sources import address_ends
from bot.decoding import decode, is_binary
from bot.errors import UnusableFile
from bot.image_decoding import check
from bot.kit.responses import PASSING

PICTURE_LIMIT = 8 * 1024 * 1024
TEXT_LIMIT = 256 * 1024
"""Bytes. A quarter of a megabyte of text is some 60,000 tokens, about what such models read at once."""

_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_FENCES = re.compile("`+")


def refuse_unusable(file: discord.Attachment) -> None:
    """Raise UnusableFile for what is known before a byte is read: it is larger than anything may be."""
    if file.size > PICTURE_LIMIT:
        raise _too_large(PICTURE_LIMIT)


def refuse_ended(file: Mapping[str, Any] | None) -> None:
    """Raise UnusableFile where Discord's address of a file, as it described it, has ended: nothing brings it back."""
    if file is not None and (ends := address_ends(str(file.get("url")))) is not None and ends < time.time():
        raise UnusableFile("file.link_ended")


async def as_message(prompt: str, file: discord.Attachment) -> Message:
    """The question with its file. UnusableFile: it can't be read, is too large, or is neither a picture nor text."""
    try:
        data = await file.read()
    except (discord.NotFound, discord.Forbidden):
        raise UnusableFile("file.link_ended") from None
    except PASSING:
        raise UnusableFile("file.unreadable") from None
    content_type = content_type_of(data)
    if content_type in _PICTURES:
        return await _with_picture(prompt, content_type, data)
    # Decoding a quarter of a megabyte takes longer than others should wait.
    return await asyncio.to_thread(_with_text, prompt, file.filename, data)


async def _with_picture(prompt: str, content_type: str, data: bytes) -> Message:
    if len(data) > PICTURE_LIMIT:
        raise _too_large(PICTURE_LIMIT)
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory[str])
    try:
        path = Path(folder.name, "picture")
        await asyncio.to_thread(path.write_bytes, data)
        verdict = await check(path)
    finally:
        await asyncio.to_thread(folder.cleanup)
    if verdict != "sound":
        raise UnusableFile("file.too_many_pixels" if verdict else "file.broken_picture")
    encoded = (await asyncio.to_thread(base64.b64encode, data)).decode("ascii")
    parts = (TextPart(prompt), ImagePart(f"data:{content_type};base64,{encoded}"))
    return Message(role="user", content=parts)


def _with_text(prompt: str, name: str, data: bytes) -> Message:
    if len(data) > TEXT_LIMIT and not is_binary(data):
        raise _too_large(TEXT_LIMIT)
    written = decode(data) if len(data) <= TEXT_LIMIT else None
    if written is None:
        raise UnusableFile("file.neither")
    fence = "`" * max(3, max((len(run) for run in _FENCES.findall(written)), default=0) + 1)
    return Message(role="user", content=f"{prompt}\n\n{name}:\n{fence}\n{written}\n{fence}")


def _too_large(limit: int) -> UnusableFile:
    size = f"{limit // 1024 // 1024} MB" if limit >= 1024 * 1024 else f"{limit // 1024} KB"
    return UnusableFile("file.too_large", limit=size)
