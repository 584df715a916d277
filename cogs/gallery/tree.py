"""The family of a picture as a picture: thumbnails, and lines between them that say what was done. Drawn with Pillow.

It stands on the same dark ground as the chart of credits. Nothing that people wrote is drawn, numbers refer to the
message below: the font has the characters of the catalogues, and Discord shows every script.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from bot.i18n import text
from bot.kit.drawing.ground import FAINT, FONT, GROUND, INK, LINES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

    from cogs.gallery.tree_layout import Layout

SIDE: Final = 216
"""Pixels of a picture's square."""
GAP, MARGIN = 48, 40
CHIP, RAIL = 46, 34
"""Above a picture: room for what was done, and above that for the line that leads there."""
RADIUS: Final = 18
FINE: Final = 2
"""Drawn so many times as large, and then made smaller: smooth lines and corners."""
TILE, BADGE, FOCUS = "#383A40", "#1E1F22", "#5865F2"
COLOURS: Final = ("#56B4E9", "#F0A830", "#2FBF8F", "#D98CB8", "#A99BFF", "#E8836B")
"""Of the lines, one for each picture with children: which line is whose is seen where they are close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A member of the family: `number` in the message, `done` to its parent, `pictures` to be had, up to four.

    `gap`: what stands there instead, where it is not to be seen. `focus`: the one that was asked for.
    """

    number: int
    done: str | None
    pictures: Sequence[Path] = ()
    votes: int = 0
    gap: str | None = None
    focus: bool = False
    video: bool = False


def draw(tiles: Mapping[int, Tile], layout: Layout) -> bytes:
    """The PNG, at most some 1,350 pixels wide. Takes up to a second: for a thread."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - megabytes that the bot does without until asked

    field = _Field(
        layout, head=any(layout.beside(id_) is not None for id_ in layout.spots if not layout.spots[id_].row)
    )
    image = Image.new("RGB", (field.width, field.height), GROUND)
    pen = ImageDraw.Draw(image)
    for index, id_ in enumerate(id_ for id_ in layout.reading_order if layout.children[id_]):
        _lines(pen, field, layout, id_, COLOURS[index % len(COLOURS)])
    fonts = _Fonts()
    for id_, tile in tiles.items():
        _tile(image, pen, fonts, field.corner(id_), tile)
    # Pillow types the size with numpy's arrays, which are not installed.
    small = image.resize((field.width // FINE, field.height // FINE), Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType]
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()


def describe(tiles: Mapping[int, Tile], locale: str) -> str:
    """The same in words, for people who do not see it."""
    return text(locale, "lineage.description", count=len(tiles))


class _Fonts:
    def __init__(self) -> None:
        from PIL import ImageFont  # noqa: PLC0415 - as above

        data = (files("bot") / "assets" / FONT).read_bytes()
        self.words, self.numbers = (ImageFont.truetype(io.BytesIO(data), size * FINE) for size in (24, 26))


class _Field:
    """Pixels, as they are drawn."""

    def __init__(self, layout: Layout, *, head: bool) -> None:
        self.layout = layout
        self.top = MARGIN + (CHIP if head else 0)
        self.width = FINE * (2 * MARGIN + layout.columns * SIDE + (layout.columns - 1) * GAP)
        self.height = FINE * (self.top + layout.rows * SIDE + (layout.rows - 1) * (CHIP + RAIL) + MARGIN)

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


def _tile(image: Image, pen: ImageDraw, fonts: _Fonts, corner: tuple[float, float], tile: Tile) -> None:
    x, y, side, radius = round(corner[0]), round(corner[1]), SIDE * FINE, RADIUS * FINE
    box = (x, y, x + side, y + side)
    if tile.gap is not None:
        pen.rounded_rectangle(box, radius, GROUND, LINES, 3 * FINE)
        pen.multiline_text((x + side / 2, y + side / 2), tile.gap, FAINT, fonts.words, "mm", align="center")
    elif tile.pictures:
        _pictures(image, (x, y), tile.pictures)
    else:
        pen.rounded_rectangle(box, radius, TILE)
        if not tile.video:
            _no_picture(pen, x, y)
    if tile.video and tile.gap is None:
        _play(pen, x + side / 2, y + side / 2)
    if tile.focus:
        out = 5 * FINE
        pen.rounded_rectangle(
            (x - out, y - out, x + side + out, y + side + out), radius + out, outline=FOCUS, width=6 * FINE
        )
    if tile.done is not None:
        _pill(pen, fonts.words, (x + side / 2, y - CHIP * FINE / 2), tile.done, TILE, anchor="m")
    _pill(pen, fonts.numbers, (x + 10 * FINE, y + 28 * FINE), str(tile.number), BADGE, anchor="l")
    if tile.votes:
        _votes(pen, fonts.numbers, x + side - 10 * FINE, y + side - 28 * FINE, tile.votes)


def _pictures(image: Image, corner: tuple[int, int], pictures: Sequence[Path]) -> None:
    """One picture, or up to four side by side, in a square with round corners."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - as above

    side, line = SIDE * FINE, 3 * FINE
    whole = Image.new("RGB", (side, side), GROUND)
    half = (side - line) // 2
    shown = pictures[:4]
    boxes = {
        1: ((0, 0, side, side),),
        2: ((0, 0, half, side), (half + line, 0, side, side)),
        3: ((0, 0, half, side), (half + line, 0, side, half), (half + line, half + line, side, side)),
        4: (
            (0, 0, half, half),
            (half + line, 0, side, half),
            (0, half + line, half, side),
            (half + line, half + line, side, side),
        ),
    }[len(shown)]
    for path, box in zip(shown, boxes, strict=True):
        whole.paste(_fitted(path, box[2] - box[0], box[3] - box[1]), box[:2])
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), RADIUS * FINE, 255)
    image.paste(whole, corner, mask)


def _fitted(path: Path, width: int, height: int) -> Image:
    """What the child process wrote, cut to its place."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - as above

    with Image.open(path, formats=("PNG",)) as opened:
        return ImageOps.fit(opened.convert("RGB"), (width, height), Image.Resampling.LANCZOS)


def _pill(pen: ImageDraw, font: FreeTypeFont, at: tuple[float, float], words: str, ground: str, *, anchor: str) -> None:
    """Words on a ground with round ends; `anchor`: its middle ("m") or its left end ("l") stands at `at`."""
    high = 36 * FINE
    wide = max(high, pen.textlength(words, font) + 24 * FINE)
    left = at[0] - wide / 2 if anchor == "m" else at[0]
    pen.rounded_rectangle((left, at[1] - high / 2, left + wide, at[1] + high / 2), high / 2, ground)
    pen.text((left + wide / 2, at[1]), words, INK, font, anchor="mm")


def _votes(pen: ImageDraw, font: FreeTypeFont, right: float, middle: float, count: int) -> None:
    """An arrow that points up, and how many."""
    words, high, arrow = str(count), 36 * FINE, 9 * FINE
    wide = pen.textlength(words, font) + 2 * arrow + 34 * FINE
    left = right - wide
    pen.rounded_rectangle((left, middle - high / 2, right, middle + high / 2), high / 2, BADGE)
    x = left + 14 * FINE + arrow
    pen.polygon(((x, middle - arrow), (x - arrow, middle + arrow * 0.8), (x + arrow, middle + arrow * 0.8)), COLOURS[1])
    pen.text((right - 12 * FINE, middle), words, INK, font, anchor="rm")


def _play(pen: ImageDraw, x: float, y: float) -> None:
    radius, tip = 40 * FINE, 20 * FINE
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), BADGE)
    pen.polygon(((x - tip * 0.7, y - tip), (x - tip * 0.7, y + tip), (x + tip * 1.1, y)), INK)


def _no_picture(pen: ImageDraw, x: int, y: int) -> None:
    """Hills and a sun, for a picture that can't be had."""

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x + part_x * SIDE * FINE, y + part_y * SIDE * FINE) for part_x, part_y in points]

    pen.ellipse([*at((0.58, 0.3), (0.72, 0.44))], LINES)
    pen.polygon(at((0.2, 0.72), (0.42, 0.42), (0.64, 0.72)), LINES)
    pen.polygon(at((0.5, 0.72), (0.66, 0.54), (0.8, 0.72)), LINES)
