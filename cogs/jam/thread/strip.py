"""The rounds of a jam as one picture: each round's winner, an arrow to the next. Drawn with Pillow, for a thread.

On a dark ground of its own, so that it reads the same in Discord's light and dark mode. Of letters there are only the
catalogues' own, which the font holds: nothing that people wrote is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from bot.i18n import text
from bot.kit.drawing.ground import FAINT, FONT, GROUND, INK, LINES

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.ImageDraw import ImageDraw

Shown = TypeVar("Shown")

SIDE = 280
"""Pixels of the square that a picture is fitted into."""
GAP, MARGIN, LABEL = 72, 36, 56
COLUMNS = 4
MOST = 12
"""Rounds that are drawn. Of more, the first and the last ones."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A round's number and its winner, as the child process made it within `SIDE`; None: that can't be had any more."""

    number: int
    picture: Path | None


def drawn(rounds: Sequence[Shown]) -> list[Shown]:
    """Those of a jam's rounds that there is room for."""
    return [*rounds[:1], *rounds[1:][-(MOST - 1) :]]


def draw(shown: Sequence[Panel], locale: str) -> bytes:
    """The PNG, at most 1480 pixels wide; `shown`: 1 to `MOST`, oldest first. Takes some 20 ms a round."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - megabytes that the bot does without until asked

    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    gutter = GAP if rows > 1 else 0
    width = 2 * MARGIN + gutter + columns * SIDE + (columns - 1) * GAP
    image = Image.new("RGB", (width, 2 * MARGIN + rows * (SIDE + LABEL) + (rows - 1) * MARGIN), GROUND)
    drawing = ImageDraw.Draw(image)
    font = ImageFont.truetype(io.BytesIO((files("bot") / "assets" / FONT).read_bytes()), 24)
    for index, panel in enumerate(shown):
        left = MARGIN + gutter + index % columns * (SIDE + GAP)
        top = MARGIN + index // columns * (SIDE + LABEL + MARGIN)
        if panel.picture is None:
            drawing.rounded_rectangle((left, top, left + SIDE, top + SIDE), 8, outline=LINES, width=2)
        else:
            with Image.open(panel.picture, formats=("PNG",)) as small:
                image.paste(small, (left + (SIDE - small.width) // 2, top + (SIDE - small.height) // 2))
        label = text(locale, "jam.strip_round", number=panel.number)
        drawing.text((left + SIDE // 2, top + SIDE + 10), label, INK, font, anchor="ma")
        if index:
            left_out = panel.number != shown[index - 1].number + 1
            (_dots if left_out else _arrow)(drawing, left - GAP // 2, top + SIDE // 2)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _arrow(drawing: ImageDraw, x: int, y: int) -> None:
    drawing.line((x - 20, y, x + 10, y), FAINT, 5)
    drawing.polygon(((x + 22, y), (x + 4, y - 12), (x + 4, y + 12)), FAINT)


def _dots(drawing: ImageDraw, x: int, y: int) -> None:
    """Between two that others were left out of."""
    for offset in (-16, 0, 16):
        drawing.ellipse((x + offset - 4, y - 4, x + offset + 4, y + 4), FAINT)
