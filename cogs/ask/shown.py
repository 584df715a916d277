"""What an answer shows of what the model wrote: a piece for each message, the sources under the last, and the files."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING

import discord

from bot.api.chat import Finished, FinishReason
from bot.kit.markdown.growing import GrowingText, table_name
from cogs.ask.sources import listed

if TYPE_CHECKING:
    from collections.abc import Sequence


class Shown:
    """`room`: characters of a message; `most`: messages, of which what is longer comes as a file."""

    def __init__(self, room: int, most: int, *, locale: str, searches: bool) -> None:
        self._text = GrowingText(room, most, locale=locale, cites=searches)
        self._locale = locale
        self._said = self._sources = ""

    async def read(self, said: str, *, final: bool, finish: Finished | None) -> None:
        """Take in all that the model wrote so far. `final`: nothing will follow."""
        self._said = said
        self._sources = listed(self._locale, finish.sources, said) if final and finish is not None and said else ""
        whole = finish is not None and finish.reason is FinishReason.STOP
        more = True
        while more:
            more = self._text.read(said, ended=final, cut=final and not whole, below=self._sources)
            await asyncio.sleep(0)  # the others have their turn

    @property
    def pieces(self) -> Sequence[str]:
        return self._text.pieces

    @property
    def overflows(self) -> bool:
        """Whether the messages do not hold all of it."""
        return self._text.overflows

    def files(self) -> list[discord.File]:
        """The tables that are too wide for a message, and the whole answer where it is longer than its messages are."""
        files = [_file(table_name(number), table.drawn()) for number, table in enumerate(self._text.tables)]
        if self.overflows:
            files.append(_file("answer.md", f"{self._said}\n\n{self._sources}".rstrip()))
        return files


def _file(name: str, content: str) -> discord.File:
    return discord.File(BytesIO(content.encode()), filename=name)
