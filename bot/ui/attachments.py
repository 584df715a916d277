"""A file that came with a question: a picture for models that see, or text."""

from __future__ import annotations

import base64
import mimetypes

import discord

from bot.api.chat import ImagePart, Message, TextPart
from bot.errors import UnusableFile
from bot.ui.responses import PASSING

PICTURE_LIMIT = 8 * 1024 * 1024
TEXT_LIMIT = 256 * 1024
"""Bytes. A quarter of a megabyte of text is some 60,000 tokens, about what such models read at once."""

_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def refuse_unusable(file: discord.Attachment) -> None:
    """Raise UnusableFile for what is known before a byte is read: its size, and a type that is neither."""
    named = file.content_type or mimetypes.guess_type(file.filename)[0] or ""
    kind = named.partition("/")[0]
    # Where Discord says nothing of the type, the content will.
    limit = PICTURE_LIMIT if kind == "image" or named in {"", "application/octet-stream"} else TEXT_LIMIT
    if kind in {"video", "audio", "font"}:
        raise UnusableFile("file.neither")
    if file.size > limit:
        raise UnusableFile("file.too_large", limit=f"{limit / 1024 / 1024:g} MB")


async def as_message(prompt: str, file: discord.Attachment) -> Message:
    """The question with its file. UnusableFile: it can't be read, or is neither a picture nor text."""
    try:
        data = await file.read()
    except PASSING:
        raise UnusableFile("file.unreadable") from None
    if content_type := _picture_type(data):
        encoded = base64.b64encode(data).decode("ascii")
        parts = (TextPart(prompt), ImagePart(f"data:{content_type};base64,{encoded}"))
        return Message(role="user", content=parts)
    try:
        written = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableFile("file.neither") from None
    if "\0" in written:
        raise UnusableFile("file.neither")
    fence = "`" * max(3, _longest_run(written) + 1)
    return Message(role="user", content=f"{prompt}\n\n{file.filename}:\n{fence}\n{written}\n{fence}")


def _picture_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _PICTURES.items() if data.startswith(magic)), None)


def _longest_run(written: str) -> int:
    longest = run = 0
    for character in written:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
