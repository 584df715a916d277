"""What each message of an answer shows: its piece of the text, and the footer under the last."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias

import discord

from bot.i18n import text
from bot.kit.markdown.growing import GrowingText, table_name
from cogs.ask import cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord import ui

    from bot.kit.components import Card
    from cogs.ask.endings import Ending

MAX_MESSAGES = 5
"""Of one answer; what is longer comes as a file. A user-installed app has five follow-ups in all (Discord)."""
MOST_WITHOUT_FILES = 12
"""Of one answer where no file can be attached."""

Page: TypeAlias = tuple[str, str | None]
"""What a message shows: a piece of the answer, and the footer."""


class Pages:
    """`read` what was said, then ask how it is shown. `head` stands above the first; `cites`: sources may be told.

    `spare`: characters by which the head may grow.
    """

    def __init__(self, head: str, locale: str, *, cites: bool, spare: int = 0) -> None:
        self.head = head
        self.is_veiled = False
        """Whether it is shown behind a spoiler: nobody could tell whether it may be shown."""
        self._locale = locale
        self._cites = cites
        self._room = cards.ROOM - len(head) - spare
        self._shown = GrowingText(self._room, MAX_MESSAGES, locale=locale, cites=cites)
        self._attaches = True
        self._said = self._sources = ""
        self._read: tuple[str, bool, bool, str] | None = None

    def without_files(self, *, few: bool) -> None:
        """Discord takes no files here: from the next `read` on all of it stands in messages, in more of them unless
        `few` can be posted.
        """
        self._attaches = False
        self._read = None
        most = MAX_MESSAGES if few else MOST_WITHOUT_FILES
        self._shown = GrowingText(self._room, most, locale=self._locale, cites=self._cites, most_files=0)

    async def read(self, said: str, *, ended: bool = False, cut: bool = False, sources: str = "") -> None:
        """`ended`: nothing will follow; `cut`: it ends in the middle. `sources` stand under it."""
        read = said, ended, cut, sources
        if read == self._read:
            return
        self._said, self._sources = said, sources
        more = True
        while more:
            more = self._shown.read(said, ended=ended, cut=cut, below=sources)
            if more:
                await asyncio.sleep(0)  # the others have their turn
        self._read = read

    @property
    def has_files(self) -> bool:
        return bool(self._shown.tables) or (self._shown.overflows and self._attaches)

    @property
    def is_empty(self) -> bool:
        return not self._shown.pieces

    def growing(self, line: str, model: str) -> list[Page]:
        """`line`: what is said before there is any text."""
        *full, last = self._shown.pieces or [""]
        return [*((piece, None) for piece in full), (last, model if last else line)]

    def ended(self, ending: Ending) -> list[Page]:
        *full, last = self._shown.pieces or [""]
        footer = ending.footer if last else None
        if self._shown.overflows:
            left = text(self._locale, "ask.rest_left_out", count=self._shown.left)
            footer = f"{text(self._locale, 'ask.rest_in_file') if self._attaches else left} · {footer}"
        return [*((piece, None) for piece in full), (last or ending.statement, footer)]

    def view(
        self, index: int, pages: Sequence[Page], *, ended: bool, below: Sequence[ui.ActionRow[Any]]
    ) -> tuple[Card, list[discord.File]]:
        """A message that will not change any more, with its files. `below`: the rows under the last."""
        piece, footer = pages[index]
        last = index == len(pages) - 1
        files = self._files() if ended and last else []
        head = self.head if index == 0 else None
        names = [file.filename for file in files]
        return cards.finished(head, piece, footer, names, below if last else (), veiled=self.is_veiled), files

    def _files(self) -> list[discord.File]:
        """The tables that are too wide for a message, and the whole answer where it is longer than its messages are."""
        files = [_file(table_name(number), table.drawn()) for number, table in enumerate(self._shown.tables)]
        if self._shown.overflows and self._attaches:
            files.append(_file("answer.md", f"{self._said}\n\n{self._sources}".rstrip()))
        return files


def _file(name: str, content: str) -> discord.File:
    return discord.File(BytesIO(content.encode()), filename=name)
