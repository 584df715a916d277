"""The rounds of a jam as a picture: each in its place, whatever shapes they have, with letters that the font has."""

from __future__ import annotations

import io
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from bot.i18n import LOCALES, text
from bot.image_decoding import make_small
from bot.kit.drawing.ground import FONT, GROUND
from cogs.jam.thread.strip import (
    COLUMNS,
    GAP,
    LABEL,
    LINES_MOST,
    MARGIN,
    MOST,
    SIDE,
    WORDS,
    Panel,
    draw,
    drawn,
    wrapped,
)


def picture(colour: str, size: tuple[int, int] = (64, 64), form: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, form)
    return file.getvalue()


async def thumbnail(folder: Path, data: bytes) -> Path | None:
    path = folder / str(len(list(folder.iterdir())))
    path.write_bytes(data)
    return (await make_small([path], side=SIDE, shape="contain")).get(path)


async def panels(folder: Path, count: int) -> list[Panel]:
    small = await thumbnail(folder, picture("#C00000"))
    return [Panel(number, small) for number in range(1, count + 1)]


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def at(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    red, green, blue = image.crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue


def ground() -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(GROUND[1:])
    return red, green, blue


@pytest.mark.parametrize("count", [1, 2, 4, 5, 12])
async def test_each_round_stands_in_its_place(count: int, tmp_path: Path) -> None:
    image = opened(draw(await panels(tmp_path, count), "en"))
    columns = min(count, COLUMNS)
    gutter = GAP if count > COLUMNS else 0
    rows = -(-count // COLUMNS)
    assert image.width == 2 * MARGIN + gutter + columns * SIDE + (columns - 1) * GAP
    assert image.height == 2 * MARGIN + rows * (SIDE + LABEL) + (rows - 1) * MARGIN
    for index in range(count):
        left = MARGIN + gutter + index % COLUMNS * (SIDE + GAP)
        top = MARGIN + index // COLUMNS * (SIDE + LABEL + MARGIN)
        assert at(image, left + SIDE // 2, top + SIDE // 2)[0] > 150
        arrow = at(image, left - GAP // 2, top + SIDE // 2)
        if index:
            assert arrow != ground()
        elif gutter:
            assert arrow == ground()


@pytest.mark.parametrize(("size", "form"), [((1600, 900), "PNG"), ((900, 1600), "JPEG"), ((8, 8), "WEBP")])
async def test_a_picture_keeps_its_shape(size: tuple[int, int], form: str, tmp_path: Path) -> None:
    path = await thumbnail(tmp_path, picture("#00C000", size, form))
    assert path is not None
    small = opened(path.read_bytes())
    assert max(small.size) == SIDE
    assert abs(small.width / small.height - size[0] / size[1]) < 0.02 * size[0] / size[1]


@pytest.mark.parametrize("data", [b"", b"no picture", picture("#00C000")[:60], picture("#00C000", (3000, 3))])
async def test_what_is_no_picture_leaves_an_empty_frame(data: bytes, tmp_path: Path) -> None:
    assert await thumbnail(tmp_path, data) is None
    image = opened(draw([Panel(1, None)], "en"))
    assert at(image, MARGIN + SIDE // 2, MARGIN + SIDE // 2) == ground()
    assert at(image, MARGIN + SIDE // 2, MARGIN) != ground()


def test_of_many_rounds_the_first_and_the_last_ones() -> None:
    assert drawn(list(range(1, 31))) == [1, *range(31 - MOST + 1, 31)]
    assert drawn([1, 2]) == [1, 2]
    shown = [Panel(1, None), Panel(20, None)]
    assert draw(shown, "en") != draw([Panel(19, None), Panel(20, None)], "en")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_font_has_the_labels_characters(locale: str) -> None:
    font = ImageFont.truetype(io.BytesIO((files("bot") / "assets" / FONT).read_bytes()), 20)

    def looks(character: str) -> bytes:
        image = Image.new("L", (40, 40))
        ImageDraw.Draw(image).text((4, 4), character, 255, font)
        return image.tobytes()

    missing = looks("\ue000")
    label = text(locale, "jam.strip_round", number=1234567890) + text(locale, "jam.count_votes", count=5) + "·…"
    assert {each for each in label.replace(" ", "") if looks(each) == missing} == set()


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("", []),
        (
            "a dragon asleep on the roof; red flags in the wind",
            ["a dragon asleep on the roof; red flags", "in the wind"],
        ),
        ("屋顶上睡着一条龙；风中的红旗", ["屋顶上睡着一条龙；风中的红旗"]),
        ("\U0001f409 a dragon", ["a dragon"]),
        ("\U0001f409\U0001f409\U0001f409\U0001f409 a", []),
        ("x" * 300, None),
        ("one word after another " * 30, None),
        ("夜晚的灯笼" * 60, None),
    ],
)
def test_ideas_stand_in_at_most_three_lines(words: str, lines: list[str] | None) -> None:
    font = ImageFont.truetype(io.BytesIO((files("bot") / "assets" / FONT).read_bytes()), WORDS)
    found = wrapped(font, words)
    if lines is None:
        assert 1 <= len(found) <= LINES_MOST
        assert found[-1].endswith("…")
    else:
        assert found == lines
    assert all(font.getlength(line) <= SIDE + GAP // 2 for line in found)


def test_the_story_has_votes_and_words() -> None:
    plain, told = (draw([Panel(1, None, votes, words)], "en") for votes, words in ((0, ""), (3, "a dragon")))
    assert plain != told
