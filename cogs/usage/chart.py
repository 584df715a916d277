"""A chart as a picture: credits of the last days, by command. Drawn with Pillow, in a thread, with its own font.

It stands on a dark ground of its own, so it reads the same in Discord's light and dark mode. The font holds the
characters of the catalogues, no more: nothing that people wrote is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

from babel.dates import format_skeleton

from bot.i18n import listed, text
from bot.kinds import Kind
from bot.kit.drawing.ground import FAINT, FONT, GROUND, INK, LINES

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1100, 520
LEFT, RIGHT, TOP, BOTTOM = 96, 48, 128, 60
"""Around the field of the bars, in pixels."""
SERIES = {Kind.ASK: "#56B4E9", Kind.IMAGE: "#F0A830", Kind.VIDEO: "#2FBF8F"}
"""Colours, from the bottom up. Told apart by people who see few colours, too (after Okabe and Ito)."""
_LABELS = {Kind.ASK: "chart.ask", Kind.IMAGE: "chart.imagine", Kind.VIDEO: "chart.video"}
TICKS = 4
"""Lines across, above the one of zero."""
EVERY_DAYS = 5
UNITS = {
    "en": ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")),
    "zh": ((100_000_000, "亿"), (10_000, "万")),
}
"""What large numbers at the lines are counted in."""


@dataclass(frozen=True, slots=True)
class Chart:
    """`days`: what stands under the bars, oldest first. `credits`: an amount a day."""

    days: Sequence[date]
    credits: Mapping[Kind, Sequence[int]]

    @property
    def totals(self) -> list[int]:
        return [sum(amounts) for amounts in zip(*self.credits.values(), strict=True)]


def draw(chart: Chart, locale: str) -> bytes:
    """The PNG, 1100 x 520. Takes some 50 ms: for a thread."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - megabytes that the bot does without until asked

    font = (files("bot") / "assets" / FONT).read_bytes()
    large, small = (ImageFont.truetype(io.BytesIO(font), size) for size in (32, 22))
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    drawing = ImageDraw.Draw(image)
    drawing.text((LEFT, 22), text(locale, "chart.title"), INK, large)
    _legend(drawing, small, chart, locale)
    top = _round_up(max(chart.totals, default=0))
    _grid(drawing, small, top, locale)
    _bars(drawing, chart, top)
    _days(drawing, small, chart, locale)
    if not any(chart.totals):
        middle = ((LEFT + WIDTH - RIGHT) // 2, (TOP + HEIGHT - BOTTOM) // 2)
        drawing.text(middle, text(locale, "chart.nothing"), FAINT, small, anchor="mm")
    file = io.BytesIO()
    # Few colours and large areas: a palette makes it a third of the size.
    image.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def describe(chart: Chart, locale: str) -> str:
    """The same in words, for people who do not see it."""
    parts = [f"{text(locale, _LABELS[kind])} {sum(amounts):,}" for kind, amounts in chart.credits.items()]
    total = text(locale, "card.credits", count=sum(chart.totals))
    joined = listed(locale, parts)
    return text(locale, "chart.description", total=total, parts=joined)


def _legend(drawing: ImageDraw, font: FreeTypeFont, chart: Chart, locale: str) -> None:
    x = float(LEFT)
    for kind, colour in SERIES.items():
        drawing.rounded_rectangle((x, 82, x + 20, 102), 4, colour)
        label = f"{text(locale, _LABELS[kind])}  {sum(chart.credits[kind]):,}"
        drawing.text((x + 30, 92), label, INK, font, anchor="lm")
        x += 30 + drawing.textlength(label, font) + 36


def _grid(drawing: ImageDraw, font: FreeTypeFont, top: int, locale: str) -> None:
    for tick in range(TICKS + 1):
        y = _height(tick * top / TICKS, top)
        drawing.line((LEFT, y, WIDTH - RIGHT, y), FAINT if tick == 0 else LINES, 2)
        drawing.text((LEFT - 14, y), _short(tick * top // TICKS, locale), FAINT, font, anchor="rm")


def _bars(drawing: ImageDraw, chart: Chart, top: int) -> None:
    step = (WIDTH - RIGHT - LEFT) / len(chart.days)
    for index in range(len(chart.days)):
        left, below = LEFT + index * step, 0
        for kind, colour in SERIES.items():
            amount = chart.credits[kind][index]
            if amount:
                box = (left + step * 0.15, _height(below + amount, top), left + step * 0.85, _height(below, top) - 1)
                # At least a line: a day with one credit is not a day without.
                drawing.rectangle((box[0], min(box[1], box[3] - 1), box[2], box[3]), colour)
            below += amount


def _days(drawing: ImageDraw, font: FreeTypeFont, chart: Chart, locale: str) -> None:
    step = (WIDTH - RIGHT - LEFT) / len(chart.days)
    for index, day in enumerate(chart.days):
        if (len(chart.days) - 1 - index) % EVERY_DAYS == 0:
            label = format_skeleton("MMMd", day, locale=locale)
            drawing.text((LEFT + (index + 0.5) * step, HEIGHT - BOTTOM + 12), label, FAINT, font, anchor="ma")


def _height(amount: float, top: int) -> float:
    return HEIGHT - BOTTOM - amount / top * (HEIGHT - BOTTOM - TOP)


def _round_up(most: int) -> int:
    """A round number of credits that the highest bar fits under, which the lines across divide evenly."""
    unit = TICKS
    while True:
        for factor in (1, 2, 3, 4, 5, 6, 8):
            if unit * factor >= most:
                return unit * factor
        unit *= 10


def _short(amount: int, locale: str) -> str:
    for size, sign in UNITS["zh" if locale.startswith("zh") else "en"]:
        if amount >= size:
            # Four digits and a fraction at most: 12.5万, 2500万.
            return f"{amount / size:.4g}{sign}"
    return str(amount)
