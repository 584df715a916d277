"""The body of a result as it comes, unpacked where it is gzip: by its content, whatever its headers say."""

from __future__ import annotations

import asyncio
import zlib
from typing import Final

import aiohttp

from bot.errors import ResultUnavailable, WrongType

_GZIP: Final = b"\x1f\x8b\x08"
_WITH_HEADER: Final = 31
"""What zlib calls a stream with gzip's own header."""
_PIECE: Final = 512 * 1024


class Body:
    """Read in pieces of bounded size, until `deadline` of the loop's clock."""

    def __init__(self, response: aiohttp.ClientResponse, deadline: float) -> None:
        self._response = response
        self._deadline = deadline
        self._begun = False
        self._unpacker = zlib.decompressobj(_WITH_HEADER)
        self._packed: bytes | None = None

    async def read(self) -> bytes:
        """What has come of it; `b""` at its end. WrongType: it can't be unpacked."""
        if not self._begun:
            self._begun = True
            head = b""
            while len(head) < len(_GZIP) and (chunk := await self._next()):
                head += chunk
            if not head.startswith(_GZIP):
                return head
            self._packed = head
        if self._packed is None:
            return await self._next()
        while not self._unpacker.eof:
            try:
                piece = await asyncio.to_thread(self._unpacker.decompress, self._packed, _PIECE)
            except zlib.error as error:
                message = "gzip that can't be unpacked"
                raise WrongType(message) from error
            self._packed = self._unpacker.unconsumed_tail
            if piece:
                return piece
            if not self._unpacker.eof:
                self._packed = await self._next()
                if not self._packed:
                    message = "gzip that breaks off"
                    raise ResultUnavailable(message)
        return b""

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._response.content.readany()
        except TimeoutError as error:
            message = "not here in time"
            raise ResultUnavailable(message) from error
        except (aiohttp.ClientError, OSError) as error:
            message = f"the connection broke: {type(error).__name__}"
            raise ResultUnavailable(message) from error
