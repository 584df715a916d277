"""The story of a jam as one picture: each round's winner, its votes and the ideas in it, an arrow to the next round.

Drawn with Pillow, for a thread, on a dark ground of its own, so that it reads the same in Discord's light and dark
mode. Of what people wrote, letters that the font has not are left out; where most are, all of it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from bot.i18n import text
from bot.kit.drawing.ground import FAINT, FONT, GROUND, INK, LINES

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Shown = TypeVar("Shown")

SIDE = 280
"""Pixels of the square that a picture is fitted into."""
GAP, MARGIN, LABEL = 72, 36, 136
COLUMNS = 4
MOST = 12
"""Rounds that are drawn. Of more, the first and the last ones."""
TITLE, WORDS = 24, 18
"""Sizes of letters, in pixels."""
LINES_MOST, LINE = 3, 25
WORDS_READ = 160
"""Characters of a round's ideas that are looked at: no more have room."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A round's number and its winner, as the child process made it within `SIDE`; None: that can't be had any more.

    `votes`: for the winner. `words`: the ideas in it.
    """

    number: int
    picture: Path | None
    votes: int = 0
    words: str = ""


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
    letters = (files("bot") / "assets" / FONT).read_bytes()
    font, small_font = (ImageFont.truetype(io.BytesIO(letters), size) for size in (TITLE, WORDS))
    for index, panel in enumerate(shown):
        left = MARGIN + gutter + index % columns * (SIDE + GAP)
        top = MARGIN + index // columns * (SIDE + LABEL + MARGIN)
        if panel.picture is None:
            drawing.rounded_rectangle((left, top, left + SIDE, top + SIDE), 8, outline=LINES, width=2)
        else:
            with Image.open(panel.picture, formats=("PNG",)) as small:
                image.paste(small, (left + (SIDE - small.width) // 2, top + (SIDE - small.height) // 2))
        label = text(locale, "jam.strip_round", number=panel.number)
        if panel.votes:
            label += f" · {text(locale, 'jam.count_votes', count=panel.votes)}"
        drawing.text((left + SIDE // 2, top + SIDE + 10), label, INK, font, anchor="ma")
        for number, line in enumerate(wrapped(small_font, panel.words)):
            place = (left + SIDE // 2, top + SIDE + 46 + number * LINE)
            drawing.text(place, line, FAINT, small_font, anchor="ma")
        if index:
            left_out = panel.number != shown[index - 1].number + 1
            (_dots if left_out else _arrow)(drawing, left - GAP // 2, top + SIDE // 2)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def wrapped(font: FreeTypeFont, words: str) -> list[str]:
    """What fits under a picture, in lines; the last one ends in "…" where there was more."""
    said = _drawable(font, words[:WORDS_READ])
    lines: list[str] = []
    line = ""
    for piece in re.findall(r"\s*(?:[!-~\u00a1-\u024f]+|\S)", said):
        if font.getlength(line + piece) <= SIDE + GAP // 2:
            line += piece
            continue
        if len(lines) == LINES_MOST - 1:
            return [*lines, _ended(font, line + piece)]
        lines += [line.strip()] if line.strip() else []
        line = _ended(font, piece.strip()) if font.getlength(piece.strip()) > SIDE else piece.lstrip()
    if line.strip():
        lines.append(_ended(font, line) if len(words) > WORDS_READ else line.strip())
    return lines


def _ended(font: FreeTypeFont, line: str) -> str:
    """As much of a line as fits with "…" behind it."""
    line = line.strip()
    while line and font.getlength(f"{line}…") > SIDE + GAP // 2:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _drawable(font: FreeTypeFont, words: str) -> str:
    """The letters that the font has; "": that is less than half of them."""
    kept = "".join(each for each in words if each.isspace() or font.getmask(each).getbbox() is not None)
    letters, all_letters = (len("".join(said.split())) for said in (kept, words))
    return " ".join(kept.split()) if 2 * letters >= all_letters else ""


def _arrow(drawing: ImageDraw, x: int, y: int) -> None:
    drawing.line((x - 20, y, x + 10, y), FAINT, 5)
    drawing.polygon(((x + 22, y), (x + 4, y - 12), (x + 4, y + 12)), FAINT)


def _dots(drawing: ImageDraw, x: int, y: int) -> None:
    """Between two that others were left out of."""
    for offset in (-16, 0, 16):
        drawing.ellipse((x + offset - 4, y - 4, x + offset + 4, y + 4), FAINT)
