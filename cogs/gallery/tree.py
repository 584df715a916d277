"""The family of a picture as a picture: thumbnails, and lines between them that say what was done. Drawn with Pillow.

It stands on the same dark ground as the chart of credits. Nothing that people wrote is drawn, numbers refer to the
message below: the font has the characters of the catalogues, and Discord shows every script.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bot.i18n import text
from bot.kit.drawing.ground import FAINT, GROUND, INK
from cogs.gallery.tile import CHIP, FINE, FOCUS, SIDE, TILE, Fonts, Tile, draw_tile, sign_taken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL.ImageDraw import ImageDraw

    from cogs.gallery.tree_layout import Layout

GAP, MARGIN = 48, 56
RAIL: Final = 34
"""Above a picture and what was done to it: room for the line that leads there."""
SIGN, SIGN_WIDE = 46, 64
"""Of the key: the height of a row, and the width of a sign."""
COLOURS: Final = ("#56B4E9", "#F0A830", "#2FBF8F", "#D98CB8", "#A99BFF", "#E8836B")
"""Of the lines, one for each picture with children: which line is whose is seen where they are close."""


@dataclass(frozen=True, slots=True)
class Key:
    """What the signs mean, in words: the frame, the sign on an image that was taken on, and the broken line."""

    focus: str
    taken: str
    also: str


def draw(tiles: Mapping[int, Tile], layout: Layout, key: Key) -> bytes:
    """The PNG, at most some 1,920 pixels wide. Takes up to a second: for a thread."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - megabytes that the bot does without until asked

    fonts = Fonts()
    signs = _signs(tiles, key)
    field = _Field(
        layout,
        head=any(layout.beside(id_) is not None for id_ in layout.spots if not layout.spots[id_].row),
        signs=_rows_of_signs(fonts, signs, layout),
    )
    image = Image.new("RGB", (field.width, field.height), GROUND)
    pen = ImageDraw.Draw(image)
    parents = {one for tile in tiles.values() for one in tile.also} | {
        id_ for id_, children in layout.children.items() if children
    }
    ordered = [id_ for id_ in layout.reading_order if id_ in parents]
    colours = {id_: COLOURS[index % len(COLOURS)] for index, id_ in enumerate(ordered)}
    for id_ in ordered:
        if layout.children[id_]:
            _lines(pen, field, layout, id_, colours[id_])
    for id_, tile in tiles.items():
        for lane, parent in enumerate(tile.also):
            _also_line(pen, field, parent, id_, colour=colours[parent], lane=lane)
    for id_, tile in tiles.items():
        draw_tile(image, pen, fonts, field.corner(id_), tile, colour=colours.get(id_, INK))
    broken = next((colours[parent] for tile in tiles.values() for parent in tile.also), INK)
    marked = ((number, colours[id_]) for id_, tile in tiles.items() if tile.marks_taken for _, number in tile.taken)
    taken = next(marked, (0, INK))
    _draw_signs(pen, fonts, field, taken=taken, broken=broken)
    # Pillow types the size with numpy's arrays, which are not installed.
    small = image.resize((field.width // FINE, field.height // FINE), Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType]
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def describe(tiles: Mapping[int, Tile], locale: str) -> str:
    """The same in words, for people who do not see it."""
    return text(locale, "lineage.description", count=len(tiles))


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign of the key, and what it means."""

    name: str
    words: str


def _width(layout: Layout) -> int:
    return 2 * MARGIN + layout.columns * SIDE + (layout.columns - 1) * GAP


class _Field:
    """Pixels, as they are drawn."""

    def __init__(self, layout: Layout, *, head: bool, signs: Sequence[Sequence[_Sign]]) -> None:
        self.layout = layout
        self.signs = signs
        self.top = MARGIN + (CHIP if head else 0)
        self.width = FINE * _width(layout)
        below = self.top + layout.rows * SIDE + (layout.rows - 1) * (CHIP + RAIL) + MARGIN
        self.signs_at = FINE * below
        self.height = FINE * (below + (len(signs) * SIGN + MARGIN // 2 if signs else 0))

    def corner(self, id_: int) -> tuple[float, float]:
        spot = self.layout.spots[id_]
        return self.x(spot.column), FINE * (self.top + spot.row * (SIDE + CHIP + RAIL))

    def x(self, column: float) -> float:
        return FINE * (MARGIN + column * (SIDE + GAP))


def _lines(pen: ImageDraw, field: _Field, layout: Layout, parent: int, colour: str) -> None:
    """From a picture to what came of it: straight to the right, or down to rails that the children hang from."""
    width, side, middle = 4 * FINE, SIDE * FINE, SIDE * FINE / 2
    left, top = field.corner(parent)
    beside = layout.beside(parent)
    if beside is not None:
        x, y = field.corner(beside)
        pen.line((left + side, y + middle, x, y + middle), colour, width)
        tip = 11 * FINE
        pen.polygon(((x, y + middle), (x - tip, y + middle - tip * 0.7), (x - tip, y + middle + tip * 0.7)), colour)
        return
    trunk = field.x(layout.spots[parent].left) - (30 - min(layout.spots[parent].nested, 3) * 6) * FINE
    start, before = left + middle, top + side
    for number, shelf in enumerate(layout.shelves(parent)):
        corners = [field.corner(child) for child in shelf]
        rail = corners[0][1] - (CHIP + RAIL / 2) * FINE
        ends = [x + middle for x, _ in corners]
        if number == 0:
            points = [(start, before), (start, rail)]
            pen.line((min(*ends, start), rail, max(*ends, start), rail), colour, width)
        else:
            points = [(trunk, before), (trunk, rail)]
            pen.line((trunk, rail, max(ends), rail), colour, width)
        pen.line(points, colour, width)
        for x in ends:
            pen.line((x, rail, x, corners[0][1]), colour, width)
        if number == 0 and len(layout.shelves(parent)) > 1:
            pen.line((trunk, rail, min(*ends, start), rail), colour, width)
        before = rail


def _also_line(pen: ImageDraw, field: _Field, parent: int, child: int, *, colour: str, lane: int) -> None:
    """A broken line from a picture to another one that it went into: beside the pictures, then above the child."""
    (left, top), (x, y) = field.corner(parent), field.corner(child)
    side = SIDE * FINE
    gutter = left + side + (GAP / 2 - 8 + 8 * lane) * FINE
    above = y - (CHIP + 6 - 4 * lane) * FINE
    end = x + side - (26 + 16 * lane) * FINE
    start = top + side * 0.8
    _broken(pen, [(left + side, start), (gutter, start), (gutter, above), (end, above), (end, y)], colour)
    tip = 10 * FINE
    pen.polygon(((end, y), (end - tip * 0.7, y - tip), (end + tip * 0.7, y - tip)), colour)


def _broken(pen: ImageDraw, points: Sequence[tuple[float, float]], colour: str) -> None:
    """Along straight pieces; the dashes go on around corners."""
    dash, gap, along = 12 * FINE, 8 * FINE, 0.0
    for (x, y), (to_x, to_y) in pairwise(points):
        length = abs(to_x - x) + abs(to_y - y)
        steps, at = (0.0 if not length else (to_x - x) / length, 0.0 if not length else (to_y - y) / length), 0.0
        while at < length:
            phase = (along + at) % (dash + gap)
            step = min(length - at, (dash - phase) if phase < dash else dash + gap - phase)
            if phase < dash:
                ends = (x + steps[0] * at, y + steps[1] * at, x + steps[0] * (at + step), y + steps[1] * (at + step))
                pen.line(ends, colour, 4 * FINE)
            at += step
        along += length


def _signs(tiles: Mapping[int, Tile], key: Key) -> list[_Sign]:
    """Those that are drawn."""
    found = [("focus", key.focus)] if len(tiles) > 1 else []
    if any(tile.marks_taken for tile in tiles.values()):
        found.append(("taken", key.taken))
    if any(tile.also for tile in tiles.values()):
        found.append(("also", key.also))
    return [_Sign(name, words) for name, words in found]


def _rows_of_signs(fonts: Fonts, signs: Sequence[_Sign], layout: Layout) -> list[list[_Sign]]:
    """One beside the other where there is room."""
    rows: list[list[_Sign]] = []
    room = 0.0
    for sign in signs:
        wide = (SIGN_WIDE + 12) * FINE + fonts.small.getlength(sign.words) + 36 * FINE
        if not rows or wide > room:
            rows.append([])
            room = FINE * (_width(layout) - 2 * MARGIN) + 36 * FINE
        rows[-1].append(sign)
        room -= wide
    return rows


def _draw_signs(pen: ImageDraw, fonts: Fonts, field: _Field, *, taken: tuple[int, str], broken: str) -> None:
    """`taken`: number and colour of an image that was taken on; `broken`: the colour of a broken line: as they are."""
    for number, signs in enumerate(field.signs):
        x, y = float(MARGIN * FINE), field.signs_at + (number + 0.5) * SIGN * FINE
        for sign in signs:
            end = x + SIGN_WIDE * FINE
            match sign.name:
                case "focus":
                    high = 13 * FINE
                    pen.rounded_rectangle(
                        (x + 12 * FINE, y - high, end - 12 * FINE, y + high), 6 * FINE, TILE, FOCUS, 5 * FINE
                    )
                case "taken":
                    sign_taken(pen, fonts, (end, y), str(taken[0]), taken[1])
                case _:
                    _broken(pen, [(x, y), (end, y)], broken)
            pen.text((end + 12 * FINE, y), sign.words, FAINT, fonts.small, anchor="lm")
            x = end + 12 * FINE + pen.textlength(sign.words, fonts.small) + 36 * FINE
