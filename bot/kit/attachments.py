"""The files that a person attaches: fetched from Discord, read for a model, and what of them could not be."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol
from weakref import WeakValueDictionary

import aiohttp
import discord
from yarl import URL

from bot.api.chat_request import PICTURE_TOKENS
from bot.documents.limits import MOST_SCANS, TEXT_TOGETHER
from bot.documents.material import Document, LeftOut, Material, Reason
from bot.documents.reading import File, read
from bot.documents.words import named
from bot.errors import UnusableFile

MOST_FILES: Final = 10
FILE_LIMIT: Final = 25 * 1024 * 1024
"""Bytes of all files of one message together."""
FETCH_SECONDS: Final = 30.0
IN_MEMORY: Final = 8
"""Files of all people that are held at a time: some 200 MB if all are as large as they may be."""
_HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_PIECE: Final = 256 * 1024
_PACKED: Final = (".pdf", ".docx", ".pptx", ".xlsx", ".xlsb", ".odt", ".ods", ".odp", ".epub")
_UNPACKED: Final = 8
"""Bytes of text that such a file has at most for each of its own; honest ones have three."""
_ENCODED: Final = 3
"""Likewise of text in an older encoding. It has no more tokens for that."""
_AROUND: Final = 1024
"""Bytes that stand around a file's text: its name, a sentence, fences."""


class Described(Protocol):
    """What is known of a file before it is read."""

    @property
    def filename(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def content_type(self) -> str | None: ...


def text_room(attachments: Sequence[Described]) -> int:
    """Tokens of text that a model is told of these files at most: known, and paid for, before any of them is read."""
    return min(sum(each.size * (_UNPACKED if _is_packed(each) else 1) for each in attachments), TEXT_TOGETHER)


def most_tokens(attachments: Sequence[Described]) -> int:
    """The most tokens that these files become, by what Discord says of them; what is otherwise is not sent.

    Unlike `text_room` it bounds what real money is reserved by: in any encoding, with what is put around each file, and
    with the pictures.
    """
    pictures = sum(_most_pictures(each) for each in attachments)
    return _text_bound(attachments) + pictures * PICTURE_TOKENS + len(attachments) * _AROUND


def _text_bound(attachments: Sequence[Described]) -> int:
    """Bytes of text that these files have at most, in any encoding."""
    return min(sum(each.size * (_UNPACKED if _is_packed(each) else _ENCODED) for each in attachments), TEXT_TOGETHER)


def _most_pictures(attachment: Described) -> int:
    if (attachment.content_type or "").startswith("text/"):
        return 0
    if attachment.filename.lower().endswith(".pdf"):
        return MOST_SCANS
    return 0 if _is_packed(attachment) else 1


def _is_packed(attachment: Described) -> bool:
    return attachment.filename.lower().endswith(_PACKED)


class Attachments:
    """One of a person's files is read at a time, whoever sends how many: the others' do not wait for all of them.

    `trusted`: where Discord's files come from too, where it is not Discord itself.
    """

    def __init__(self, session: aiohttp.ClientSession, *, trusted: Sequence[str] = ()) -> None:
        self._session = session
        self._trusted = frozenset(URL(each).origin() for each in trusted)
        self._turns = WeakValueDictionary[int, asyncio.Lock]()
        self._room = asyncio.Semaphore(IN_MEMORY)

    async def read(self, attachments: Sequence[discord.Attachment], *, person_id: int) -> Material:
        """What the files of one message hold. What is too many or too large, or can't be read, is left out and said."""
        turn = self._turns.setdefault(person_id, asyncio.Lock())
        wanted, unread = _bounded(attachments)
        came = await asyncio.gather(*(self._read(each, turn) for each in wanted))
        documents = tuple(one for one in came if isinstance(one, Document))
        unread = [*(one for one in came if isinstance(one, LeftOut)), *unread]
        return Material(documents, tuple(unread)).within(_text_bound(attachments))

    async def read_some(self, attachments: Sequence[discord.Attachment], *, person_id: int) -> Material:
        """The same. UnusableFile: nothing could be read of any of them."""
        material = await self.read(attachments, person_id=person_id)
        if material.unread and not material.documents:
            raise UnusableFile("file.none_read", count=len(material.unread), files=named(material.unread))
        return material

    async def _read(self, attachment: discord.Attachment, turn: asyncio.Lock) -> Document | LeftOut:
        name = attachment.filename
        async with turn, self._room:
            data = await self._fetch(attachment)
            if isinstance(data, Reason):
                return LeftOut(name, data)
            return await read(File(name, data))

    async def _fetch(self, attachment: discord.Attachment) -> bytes | Reason:
        """Whatever size Discord told: it may serve an image anew, and tells none (0) of one that a layout shows."""
        url = URL(attachment.url)
        discords = url.scheme == "https" and url.host in _HOSTS
        if not (discords or (url.absolute and url.host and url.origin() in self._trusted)):
            return Reason.NOT_FETCHED
        data = bytearray()
        try:
            async with asyncio.timeout(FETCH_SECONDS), self._session.get(url, allow_redirects=False) as response:
                if response.status in {403, 404, 410}:
                    return Reason.LINK_ENDED
                if response.status != 200:
                    return Reason.NOT_FETCHED
                async for piece in response.content.iter_chunked(_PIECE):
                    data += piece
                    if len(data) > FILE_LIMIT:
                        return Reason.NOT_FETCHED
        except (aiohttp.ClientError, OSError):  # TimeoutError is an OSError
            return Reason.NOT_FETCHED
        return bytes(data)


def _bounded(attachments: Sequence[discord.Attachment]) -> tuple[list[discord.Attachment], list[LeftOut]]:
    """Those that are read, and the others: in their order, as many as fit."""
    wanted: list[discord.Attachment] = []
    unread: list[LeftOut] = []
    room = FILE_LIMIT
    for position, each in enumerate(attachments):
        if position >= MOST_FILES:
            unread.append(LeftOut(each.filename, Reason.TOO_MANY, {"limit": MOST_FILES}))
        elif each.size > FILE_LIMIT:
            unread.append(LeftOut(each.filename, Reason.TOO_LARGE, {"limit": FILE_LIMIT // 1024**2}))
        elif each.size > room:
            unread.append(LeftOut(each.filename, Reason.TOGETHER, {"limit": FILE_LIMIT // 1024**2}))
        else:
            room -= each.size
            wanted.append(each)
    return wanted, unread
