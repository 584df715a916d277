"""A growing answer as its messages show it. What is whole is read once, so that an edit costs what came since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.i18n import text as sentence
from bot.kit.markdown.blocks import Block, Reader
from bot.kit.markdown.links import guarded
from bot.kit.markdown.pieces import closed, first, pieces

if TYPE_CHECKING:
    from bot.kit.markdown.tables import Table

_AT_ONCE: Final = 2000
"""Characters of the source that one call reads; more would hold the event loop."""
MOST_FILES: Final = 8
"""That tables are read in."""


class GrowingText:
    """`room`: characters of a message. `most`: messages; what is longer is not read to its end."""

    def __init__(self, room: int, most: int, *, locale: str, cites: bool = False, most_files: int = MOST_FILES) -> None:
        """`cites`: sources may be told, so the text's marks of them are shown. `most_files`: for tables that are too
        wide; others stand in the text, with broken lines.
        """
        self._room = room
        self._most = most
        self._locale = locale
        self._cites = cites
        self._most_files = most_files
        self.pieces: list[str] = []
        """What each message shows, as of the last `read`: `most` of them."""
        self.left = 0
        """About how many characters there are beyond what they hold."""
        self.tables: list[Table] = []
        """Those that are read in files, by `table_name`, in their order."""
        self._forget()

    def _forget(self) -> None:
        self._known = ""
        self._read = 0  # up to there blocks are whole
        self._settled: list[str] = []
        self._rest = ""  # of what is shown for whole blocks, behind the settled pieces
        self._wide: list[Table] = []
        self._cells: dict[str, str] = {}

    def read(self, source: str, *, ended: bool, cut: bool = False, below: str = "") -> bool:
        """Take in all that came so far. True: call it once more, there is more to read.

        `ended`: nothing will follow; `cut`: it ends in the middle. `below`: a paragraph under it, shown as it is.
        """
        if not source.startswith(self._known):
            self._forget()  # what came turned out to be no answer
        self._known = source[: max(len(self._known), self._read) + _AT_ONCE]
        reader = Reader(
            self._known,
            ended=ended and len(self._known) == len(source),
            cites=self._cites,
            cells=self._cells,
            at=self._read,
        )
        tail, tables = "", self._wide
        while not self._is_full() and (block := reader.next()) is not None:
            shown, tables = self._with_table(block)
            if not block.whole:
                tail = shown
                break
            self._wide = tables
            self._read = block.end
            self._settle(shown)
        left = len(self._known) < len(source)
        if left and not self._is_full() and len(self._known) - self._read < (self._most + 2) * self._room:
            return True
        self.tables = tables
        more = self._rest + tail
        more = closed(more) if cut or not ended else more.rstrip()
        more += f"\n\n{below}" if below else ""
        made = self._settled + [guarded(piece) for piece in (pieces(more, self._room) if more.strip() else ())]
        self.pieces = made[: self._most]
        unread = len(source) - self._read if left or self._is_full() else 0
        self.left = unread + sum(map(len, made[self._most :]))
        return False

    @property
    def overflows(self) -> bool:
        """Whether there is more than the messages hold."""
        return self.left > 0

    def _is_full(self) -> bool:
        return len(self._settled) > self._most

    def _settle(self, shown: str) -> None:
        self._rest += shown
        while len(self._rest) > self._room and not self._is_full():
            piece, self._rest = first(self._rest, self._room)
            self._settled += [guarded(piece)] if piece else []

    def _with_table(self, block: Block) -> tuple[str, list[Table]]:
        if block.wide is None:
            return block.shown, self._wide
        if len(self._wide) == self._most_files:
            return f"```\n{block.wide.drawn()}\n```\n{block.shown}", self._wide
        note = sentence(self._locale, "ask.wide_table", file=table_name(len(self._wide)))
        return f"-# {note}\n{block.shown}", [*self._wide, block.wide]


def table_name(number: int) -> str:
    """The file of the table with this number, from 0 on."""
    return f"table-{number + 1}.txt"
