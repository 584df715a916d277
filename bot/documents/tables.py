"""Tables of Office and OpenDocument files, gathered as their parts come: a row is a line, with bars between its cells.

A table that stands in a cell stays in it.
"""

from __future__ import annotations

from bot.documents.answer import Answer
from bot.documents.limits import TEXT_LIMIT


class Tables:
    """Those that are open, from the outer to the inner; what ends without having begun is left alone."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._rows: list[list[str]] = []
        self._cells: list[list[str]] = []
        self._length = 0

    @property
    def in_cell(self) -> bool:
        return bool(self._cells)

    def begin_row(self) -> None:
        self._rows.append([])

    def begin_cell(self) -> None:
        self._cells.append([])

    def take(self, words: str) -> None:
        """Words of the innermost cell. Enough: no cell has so many."""
        self._cells[-1].append(words)
        self._length += len(words)
        if self._length > TEXT_LIMIT:
            self._answer.write("".join(map("".join, self._cells)))

    def end_cell(self) -> None:
        if self._cells:
            cell = " ".join("".join(self._cells.pop()).split())
            if self._rows:
                self._rows[-1].append(cell)

    def end_row(self) -> str:
        """The line to write; empty where there is none, or it stands in a cell."""
        row = " | ".join(self._rows.pop()) if self._rows else ""
        if self._cells:
            self.take(f" {row}; ")
            return ""
        self._length = 0
        return row if row.strip(" |") else ""
