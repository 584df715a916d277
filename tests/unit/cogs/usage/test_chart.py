"""The chart: its font has every character that can be drawn, its bars stand where they should."""

from __future__ import annotations

import io
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po
from PIL import Image, ImageDraw, ImageFont

from bot.i18n import LOCALES
from bot.kinds import Kind
from bot.kit.drawing.ground import FONT
from cogs.usage import chart as charts
from cogs.usage.chart import Chart, describe, draw

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

NOT_A_CHARACTER = "\ue000"
"""Private use: no font of ours has it, so it looks like everything else that is missing."""


def chart(**amounts: list[int]) -> Chart:
    length = max(map(len, amounts.values()), default=30)
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(length)]
    return Chart(days, {kind: amounts.get(kind.command, [0] * length) for kind in Kind})


def pixels(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")


def rgb(colour: str) -> bytes:
    return bytes.fromhex(colour[1:])


def height_of(image: Image.Image, index: int, of: int, colour: str) -> int:
    """How many pixels of a colour stand in the middle of a bar."""
    x = round(charts.LEFT + (index + 0.5) * (charts.WIDTH - charts.RIGHT - charts.LEFT) / of)
    column = image.crop((x, charts.TOP, x + 1, charts.HEIGHT - charts.BOTTOM)).tobytes()
    # Its palette moves a colour by a shade.
    return sum(
        all(abs(part - wanted) < 8 for part, wanted in zip(column[at : at + 3], rgb(colour), strict=True))
        for at in range(0, len(column), 3)
    )


@pytest.mark.parametrize("locale", LOCALES)
def test_the_font_has_every_character_of_the_texts(locale: str) -> None:
    font = ImageFont.truetype(io.BytesIO((files("bot") / "assets" / FONT).read_bytes()), 20)
    missing = drawn(font, NOT_A_CHARACTER)
    source = files("bot") / "locales" / locale / "LC_MESSAGES" / "bot.po"
    keys = ("chart.title", "chart.ask", "chart.imagine", "chart.video", "chart.nothing")
    catalogue = read_po(io.BytesIO(source.read_bytes()), locale=locale)
    texts = [str(message.string) for key in keys if (message := catalogue.get(key)) is not None]
    months = [charts.format_skeleton("MMMd", date(2026, month, 28), locale=locale) for month in range(1, 13)]
    characters = set("".join([*texts, *months, "0123456789,.kMG"])) - {" "}

    assert len(texts) == len(keys)
    assert drawn(font, "龘") == missing, "what is not in it is known by its looks"
    assert {each for each in characters if drawn(font, each) == missing} == set()


def drawn(font: FreeTypeFont, character: str) -> bytes:
    image = Image.new("L", (40, 40))
    ImageDraw.Draw(image).text((4, 4), character, 255, font)
    return image.tobytes()


def test_the_font_is_small_and_comes_with_its_licence() -> None:
    folder = Path(str(files("bot"))) / "assets"
    assert (folder / FONT).stat().st_size < 1_700_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text(encoding="utf-8")


def test_bars_stand_for_their_amounts() -> None:
    image = pixels(draw(chart(ask=[10, 0, 10, 1], imagine=[0, 0, 10, 0], video=[0, 40, 20, 0]), "en"))
    field = charts.HEIGHT - charts.BOTTOM - charts.TOP
    heights = {
        (index, kind): height_of(image, index, 4, colour)
        for index in range(4)
        for kind, colour in charts.SERIES.items()
    }

    assert image.size == (charts.WIDTH, charts.HEIGHT)
    expected = {(0, "ask"): 10, (1, "video"): 40, (2, "ask"): 10, (2, "image"): 10, (2, "video"): 20, (3, "ask"): 1}
    for key, height in heights.items():
        assert abs(height - expected.get(key, 0) * field / 40) <= 3, key


@pytest.mark.parametrize("locale", LOCALES)
def test_the_smallest_day_is_seen_beside_the_largest(locale: str) -> None:
    image = pixels(draw(chart(ask=[1] + [0] * 28 + [3_000_000_000]), locale))
    assert height_of(image, 0, 30, charts.SERIES[Kind.ASK]) >= 1


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_spent(locale: str) -> None:
    empty, some = draw(chart(), locale), draw(chart(ask=[0] * 29 + [4]), locale)
    assert empty.startswith(b"\x89PNG")
    assert empty != some


def test_in_words() -> None:
    spent = chart(ask=[1, 2], video=[50, 0])
    assert describe(spent, "en") == "53 credits in the last 30 days: Answers 3, Images 0, Videos 50"
    assert describe(spent, "zh_CN") == "近 30 天共 53 点：回答 3、图片 0、视频 50"


@pytest.mark.parametrize("most", [0, 1, 4, 5, 99, 207, 2_345_678, 10**12])
def test_the_scale_is_round_and_holds_the_most(most: int) -> None:
    top = charts._round_up(most)  # pyright: ignore[reportPrivateUsage] - a picture does not say its scale
    assert top >= most
    assert top % charts.TICKS == 0
    assert top <= max(2 * most, charts.TICKS)
    assert len(str(top // charts.TICKS).rstrip("0")) == 1
