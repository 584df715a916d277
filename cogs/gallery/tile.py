"""One member of a family as it is drawn: its pictures in a square, what was done, its number, what was taken on."""

from __future__ import annotations

import io
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from bot.kit.drawing.ground import FAINT, FONT, GROUND, INK, LINES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

SIDE: Final = 216
"""Pixels of a picture's square."""
CHIP: Final = 46
"""Above it: room for what was done."""
RADIUS: Final = 18
FINE: Final = 2
"""Drawn so many times as large, and then made smaller: smooth lines and corners."""
TILE, BADGE, FOCUS = "#383A40", "#1E1F22", "#5865F2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A member of the family: `number` in the message, `done` to its parent, `pictures` to be had, up to four, of the
    `count` that it has.

    `taken`: which of its images others were made of, from 0, with their numbers. `also`: the members that it was made
    of beside its parent. `votes`: how many, in words. `gap`: what stands there instead, where it is not to be seen.
    `focus`: the one that was asked for.
    """

    number: int
    done: str | None
    pictures: Sequence[Path] = ()
    count: int = 1
    taken: Sequence[tuple[int, int]] = ()
    also: Sequence[int] = ()
    votes: str | None = None
    gap: str | None = None
    focus: bool = False
    video: bool = False

    @property
    def marks_taken(self) -> bool:
        """Whether it is shown which of its images others were made of: of several, as far as they can be seen."""
        return bool(self.taken) and self.gap is None and self.count > 1 and len(self.pictures) > 1


class Fonts:
    """Of words, of a member's number, and of small signs."""

    def __init__(self) -> None:
        from PIL import ImageFont  # noqa: PLC0415 - megabytes that the bot does without until asked

        data = (files("bot") / "assets" / FONT).read_bytes()
        self.words, self.numbers, self.small = (
            ImageFont.truetype(io.BytesIO(data), size * FINE) for size in (24, 26, 22)
        )


def draw_tile(
    image: Image, pen: ImageDraw, fonts: Fonts, corner: tuple[float, float], tile: Tile, *, colour: str
) -> None:
    """`corner`: its left and top. `colour`: of the lines to what came of it."""
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
    if tile.marks_taken:
        _taken(pen, fonts, (x, y), tile, colour)
    if tile.done is not None:
        _pill(pen, fonts.words, (x + side / 2, y - CHIP * FINE / 2), tile.done, TILE, anchor="m")
    _pill(pen, fonts.numbers, (x + 10 * FINE, y + 28 * FINE), str(tile.number), BADGE, anchor="l")
    if tile.votes:
        _pill(pen, fonts.small, (x + side - 10 * FINE, y + 28 * FINE), tile.votes, BADGE, anchor="r")


def _taken(pen: ImageDraw, fonts: Fonts, corner: tuple[int, int], tile: Tile, colour: str) -> None:
    """A frame around each image that another was made of, and which ones: their numbers, in the line's colour."""
    boxes = _boxes(min(len(tile.pictures), 4))
    by_image: dict[int, list[int]] = {}
    for position, number in tile.taken:
        by_image.setdefault(position, []).append(number)
    for position, numbers in by_image.items():
        if position >= len(boxes):
            continue
        left, top, right, bottom = (offset + at for offset, at in zip(boxes[position], corner * 2, strict=True))
        inner = 3 * FINE
        pen.rounded_rectangle(
            (left + inner, top + inner, right - inner, bottom - inner), RADIUS * FINE, outline=colour, width=5 * FINE
        )
        shown = ", ".join(map(str, sorted(set(numbers))[:3]))
        sign_taken(pen, fonts, (right - 12 * FINE, bottom - 28 * FINE), shown, colour)


def sign_taken(pen: ImageDraw, fonts: Fonts, right_middle: tuple[float, float], words: str, colour: str) -> None:
    """An arrow to the right, and numbers."""
    (right, middle), high, tip = right_middle, 34 * FINE, 8 * FINE
    wide = pen.textlength(words, fonts.small) + 2 * tip + 26 * FINE
    left = right - wide
    pen.rounded_rectangle((left, middle - high / 2, right, middle + high / 2), high / 2, BADGE, colour, 2 * FINE)
    x = left + 11 * FINE
    pen.polygon(((x, middle - tip), (x, middle + tip), (x + tip * 1.3, middle)), colour)
    pen.text((right - 10 * FINE, middle), words, INK, fonts.small, anchor="rm")


def _pictures(image: Image, corner: tuple[int, int], pictures: Sequence[Path]) -> None:
    """One picture, or up to four side by side, in a square with round corners."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - as above

    side = SIDE * FINE
    whole = Image.new("RGB", (side, side), GROUND)
    shown = pictures[:4]
    for path, box in zip(shown, _boxes(len(shown)), strict=True):
        whole.paste(_fitted(path, box[2] - box[0], box[3] - box[1]), box[:2])
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), RADIUS * FINE, 255)
    image.paste(whole, corner, mask)


def _boxes(count: int) -> Sequence[tuple[int, int, int, int]]:
    """Where each of up to four pictures stands in the square."""
    side, line = SIDE * FINE, 3 * FINE
    half = (side - line) // 2
    return {
        1: ((0, 0, side, side),),
        2: ((0, 0, half, side), (half + line, 0, side, side)),
        3: ((0, 0, half, side), (half + line, 0, side, half), (half + line, half + line, side, side)),
        4: (
            (0, 0, half, half),
            (half + line, 0, side, half),
            (0, half + line, half, side),
            (half + line, half + line, side, side),
        ),
    }[count]


def _fitted(path: Path, width: int, height: int) -> Image:
    """What the child process wrote, cut to its place."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - as above

    with Image.open(path, formats=("PNG",)) as opened:
        return ImageOps.fit(opened.convert("RGB"), (width, height), Image.Resampling.LANCZOS)


def _pill(pen: ImageDraw, font: FreeTypeFont, at: tuple[float, float], words: str, ground: str, *, anchor: str) -> None:
    """Words on a ground with round ends; `anchor`: its middle ("m"), its left end ("l") or its right ("r") is `at`."""
    high = 36 * FINE
    wide = max(high, pen.textlength(words, font) + 24 * FINE)
    left = at[0] - wide * {"l": 0.0, "m": 0.5, "r": 1.0}[anchor]
    pen.rounded_rectangle((left, at[1] - high / 2, left + wide, at[1] + high / 2), high / 2, ground)
    pen.text((left + wide / 2, at[1]), words, INK, font, anchor="mm")


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
