"""Where the pictures of a family stand: a tree in a few columns, so that it can be read on a telephone.

What came of a picture stands below it, in rows as wide as the whole; an only child stands to the right of its parent,
so that a long line of them reads like text. There are as many columns as show the pictures largest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FEWEST_COLUMNS, MOST_COLUMNS = 3, 7
_NONE: Final = -1
"""No member's id."""
SHAPE: Final = 1.25
"""Rows to columns of what a telephone shows as a whole."""


@dataclass(frozen=True, slots=True)
class Spot:
    """`column` may lie between two, above the middle of the children. `left`: where the children's rows begin.

    `nested`: how many of its ancestors' rows begin there, too.
    """

    column: float
    row: int
    left: int
    nested: int


@dataclass(frozen=True, slots=True)
class Layout:
    """`children`: each one's own, oldest first. `columns` and `rows`: the size of the whole."""

    spots: Mapping[int, Spot]
    children: Mapping[int, Sequence[int]]
    columns: int
    rows: int

    def beside(self, parent: int) -> int | None:
        """The only child that stands to the right of its parent."""
        (child, *others) = self.children[parent] or (None,)
        here = child is not None and not others and self.spots[child].row == self.spots[parent].row
        return child if here else None

    def shelves(self, parent: int) -> list[list[int]]:
        """The children below, row by row."""
        if self.beside(parent) is not None:
            return []
        by_row: dict[int, list[int]] = {}
        for child in self.children[parent]:
            by_row.setdefault(self.spots[child].row, []).append(child)
        return [by_row[row] for row in sorted(by_row)]

    @property
    def reading_order(self) -> list[int]:
        return sorted(self.spots, key=lambda id_: (self.spots[id_].row, self.spots[id_].column))


def arrange(parents: Mapping[int, int | None]) -> Layout:
    """A place for each member of a family, by what they came from; those that came from none of the others begin at
    its head.
    """
    return min((_within(parents, columns) for columns in range(FEWEST_COLUMNS, MOST_COLUMNS + 1)), key=_extent)


def _extent(layout: Layout) -> tuple[float, int]:
    """How far it is from one end to the other, as it is looked at: the less, the larger it is shown."""
    return max(layout.columns * SHAPE, layout.rows), layout.columns


def _within(parents: Mapping[int, int | None], columns: int) -> Layout:
    roots = [id_ for id_, parent in parents.items() if parent is None]
    if len(roots) == 1:
        placing = _Placing(parents)
        rows = placing.place(roots[0], column=0, row=0, left=0, width=columns, nested=0)
        spots = placing.spots
    else:
        # As if all of them came from one, which is not drawn.
        placing = _Placing(
            {_NONE: None} | {id_: _NONE if parent is None else parent for id_, parent in parents.items()}
        )
        rows = placing.place(_NONE, column=0, row=0, left=0, width=columns, nested=0) - 1
        del placing.children[_NONE]
        spots = {
            id_: replace(spot, row=spot.row - 1, nested=max(0, spot.nested - 1))
            for id_, spot in placing.spots.items()
            if id_ != _NONE
        }
    used = 1 + max(int(spot.column) for spot in spots.values())
    return Layout(spots, placing.children, used, rows)


class _Placing:
    def __init__(self, parents: Mapping[int, int | None]) -> None:
        self.spots: dict[int, Spot] = {}
        self.children: dict[int, list[int]] = {id_: [] for id_ in parents}
        for id_, parent in sorted(parents.items()):
            if parent is not None:
                self.children[parent].append(id_)

    def width_of(self, id_: int) -> int:
        """Columns that it and all that came of it would like."""
        children = self.children[id_]
        if len(children) == 1:
            return 1 + self.width_of(children[0])
        return max(1, sum(map(self.width_of, children)))

    def place(self, id_: int, *, column: int, row: int, left: int, width: int, nested: int) -> int:
        """Place it, and what came of it within `width` columns from `left`; the first row below all that."""
        children = self.children[id_]
        here = Spot(column, row, left, nested)
        self.spots[id_] = here
        if len(children) == 1:
            right = column + 1 < left + width
            at, below = (column + 1, row) if right else (left, row + 1)
            return self.place(children[0], column=at, row=below, left=left, width=width, nested=nested)
        at, top, bottom = left, row + 1, row + 1
        # Those of which nothing came share rows.
        for child in sorted(children, key=lambda child: bool(self.children[child])):
            wide = min(self.width_of(child), width)
            if at + wide > left + width:
                at, top = left, bottom
            inner = nested + 1 if at == left else 0
            bottom = max(bottom, self.place(child, column=at, row=top, left=at, width=wide, nested=inner))
            at += wide
        first = [self.spots[child].column for child in children if self.spots[child].row == row + 1]
        if first and column == left:
            self.spots[id_] = replace(here, column=(min(first) + max(first)) / 2)
        return bottom
