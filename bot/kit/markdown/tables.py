"""A Markdown table → text in columns for a code block: Discord has no tables, but a code block's letters are as wide
as each other. East Asian ones are about twice as wide, by the font: where a column has some, cells with fewer of them
are filled up with spaces of their width, so that it is straight in every font.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

WIDEST: Final = 72
"""Columns that a code block shows without breaking its lines; what is wider is read in a file."""
_MOST_COLUMNS: Final = 40
_RULE: Final = "─"
_LOW_RULES: Final = ("＿", "_")
"""Under columns with East Asian letters: of their width, and of the others', at one height."""
_GAP: Final = "  "
_WIDE_SPACE: Final = "\u3000"


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`, the head first, each as long as it: what is in the cells. `aligned`: "l", "c" or "r" a column."""

    rows: list[list[str]]
    aligned: str

    def width(self) -> int:
        return sum(map(sum, self._widths())) + len(_GAP) * (len(self.aligned) - 1)

    def drawn(self) -> str:
        """Its lines, with a rule under the head; a cell of several lines takes as many."""
        widths = self._widths()
        lines: list[str] = []
        for number, row in enumerate(self.rows):
            parts = [cell.split("\n") for cell in row]
            for at in range(max(map(len, parts))):
                cells = [part[at] if at < len(part) else "" for part in parts]
                columns = zip(cells, widths, self.aligned, strict=True)
                lines.append(_GAP.join(_padded(*column) for column in columns).rstrip())
            if number == 0:
                lines.append(_GAP.join(_rules(widths)))
        return "\n".join(lines)

    def _widths(self) -> list[tuple[int, int]]:
        """Of each column, in columns of the block: what its wide letters take, and its narrow ones."""
        columns = (
            [_width(line) for cell in column for line in cell.split("\n")] for column in zip(*self.rows, strict=True)
        )
        return [(max(wide for wide, _ in column), max(1, *(narrow for _, narrow in column))) for column in columns]


def alignment(head: str, line: str) -> str | None:
    """How the columns of a table are aligned whose first two lines these are; None: they begin no table."""
    if "|" not in head or "-" not in line or not _DELIMITERS.fullmatch(line):
        return None
    marks = cells_of(line)
    if len(marks) != len(cells_of(head)) or len(marks) > _MOST_COLUMNS or (len(marks) == 1 and "|" not in line):
        return None
    return "".join("c" if mark[0] == mark[-1] == ":" else "r" if mark[-1] == ":" else "l" for mark in marks)


def cells_of(line: str) -> list[str]:
    """What stands between the bars that are not escaped."""
    line = line.strip()
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [cell.replace("\\|", "|").strip() for cell in _BAR.split(line)]


def _width(text: str) -> tuple[int, int]:
    if text.isascii():
        return 0, len(text)
    wide = sum(unicodedata.east_asian_width(sign) in {"W", "F"} for sign in text)
    unseen = sum(unicodedata.category(sign) in {"Mn", "Me", "Cf"} for sign in text)
    return 2 * wide, len(text) - wide - unseen


def _rules(widths: list[tuple[int, int]]) -> list[str]:
    """A rule for each column."""
    if not any(wide for wide, _ in widths):
        return [_RULE * narrow for _, narrow in widths]
    low, narrower = _LOW_RULES
    return [low * (wide // 2) + narrower * narrow for wide, narrow in widths]


def _padded(cell: str, width: tuple[int, int], how: str) -> str:
    wide, narrow = _width(cell)
    spaces = (width[0] - wide) // 2 * _WIDE_SPACE + (width[1] - narrow) * " "
    before = {"l": 0, "r": len(spaces), "c": len(spaces) // 2}[how]
    return spaces[:before] + cell + spaces[before:]


_DELIMITERS: Final = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*+\|?\s*")
_BAR: Final = re.compile(r"(?<!\\)\|")
