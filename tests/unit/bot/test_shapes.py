"""Shapes as people type them, what they mean, and the nearest of what a model takes."""

from __future__ import annotations

import pytest

from bot.errors import BadValue
from bot.shapes import IMAGE_SIZES, RATIOS, VIDEO_SIZES, Shape, nearest, parse, parse_size, sizes_in


@pytest.mark.parametrize(
    ("typed", "shape", "size"),
    [
        ("square", Shape.SQUARE, "1024x1024"),
        (" Tall ", Shape.TALL, "720x1280"),
        ("竖版", Shape.PORTRAIT, "768x1024"),
        ("宽屏", Shape.WIDE, "1280x720"),
        ("16:9", Shape.WIDE, "1280x720"),
        ("32：18", Shape.WIDE, "1280x720"),
        ("3:4", Shape.PORTRAIT, "768x1024"),
        ("3:2", Shape.LANDSCAPE, "1536x1024"),
        ("2/3", Shape.PORTRAIT, "1024x1536"),
        ("2:1", Shape.WIDE, "1456x720"),
        ("1024x768", Shape.LANDSCAPE, "1024x768"),
        ("1024*768", Shape.LANDSCAPE, "1024x768"),
        ("128 × 96", Shape.LANDSCAPE, "128x96"),
        ("0128X0096", Shape.LANDSCAPE, "128x96"),
    ],
)
def test_what_is_typed(typed: str, shape: Shape, size: str) -> None:
    asked = parse(typed)
    assert (asked.shape, asked.image_size()) == (shape, size)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "error.bad_shape"),
        ("large", "error.bad_shape"),
        ("1024", "error.bad_shape"),
        ("1024x", "error.bad_shape"),
        ("0:0", "error.bad_ratio"),
        ("9:0", "error.bad_ratio"),
        ("5:1", "error.bad_ratio"),
        ("63x64", "error.size_out_of_range"),
        ("9000x64", "error.size_out_of_range"),
        ("12345678901234567890x64", "error.size_out_of_range"),
    ],
)
def test_what_is_no_shape(typed: str, key: str) -> None:
    with pytest.raises(BadValue) as refused:
        parse(typed)
    assert refused.value.key == key


def test_a_size_for_the_service() -> None:
    assert parse_size("1280×720", separator="*") == "1280*720"
    with pytest.raises(BadValue):
        parse_size("16:9", separator="x")


@pytest.mark.parametrize("shape", list(Shape))
def test_every_name_has_its_ratio_everywhere(shape: Shape) -> None:
    wide, high = map(int, RATIOS[shape].split(":"))
    for size in (IMAGE_SIZES[shape], *(sizes[shape] for sizes in VIDEO_SIZES.values())):
        width, height = map(int, size.split("x"))
        assert width / height == pytest.approx(wide / high, rel=0.025)
        assert parse(size).shape is shape


@pytest.mark.parametrize(
    ("size", "among", "found"),
    [
        ("720x1280", ["1024x1024", "1024x1536", "1536x1024"], "1024x1536"),
        ("1280*720", ["1024x1024", "1024x1536", "1792x1024"], "1792x1024"),
        ("1000x1000", ["512x512", "1024x1024", "1024x768"], "1024x1024"),
        ("1024x1024", ["1024x1024"], None),
        ("1024x1024", [], None),
        ("huge", ["1024x1024"], None),
    ],
)
def test_the_nearest(size: str, among: list[str], found: str | None) -> None:
    assert nearest(size, among) == found


def test_sizes_in_the_words_of_a_refusal() -> None:
    words = "Invalid size '720x1280': must be one of 1024x1024, 1024*1536 or '1536 x 1024' (0x10, 1x1)."
    assert sizes_in(words) == ["720x1280", "1024x1024", "1024x1536", "1536x1024"]
    assert sizes_in("尺寸须为1024*1024，或1280×720") == ["1024x1024", "1280x720"]
