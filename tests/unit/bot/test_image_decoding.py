"""Pictures in formats that Discord does not show become such as it shows, in a child process; nothing paid is lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageDraw

from bot.image_decoding import check, convert, make_small


def painted(mode: str = "RGB", size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A red square on white, left of the middle."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((8, 8, 40, 40), "red")
    if mode == "RGBA":
        picture.putalpha(200)
    return picture.convert(mode)


def saved(form: str, mode: str = "RGB", **options: Any) -> bytes:
    file = io.BytesIO()
    painted(mode).save(file, form, **options)
    return file.getvalue()


TURNED = Image.Exif()
TURNED[ExifTags.Base.Orientation] = 6
"""A quarter turn, as of a telephone that was held upright."""


def deep(form: str) -> bytes:
    """Greys of 16 bits: from black at the left to white at the right."""
    row = b"".join((x * 65535 // 95).to_bytes(2, "little") for x in range(96))
    picture = Image.frombytes("I;16", (96, 64), row * 64)
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


def moving(form: str) -> bytes:
    file = io.BytesIO()
    painted().save(file, form, save_all=True, append_images=[Image.new("RGB", (96, 64), "blue")], duration=100)
    return file.getvalue()


def is_red(picture: Image.Image) -> bool:
    data = picture.convert("RGB").tobytes()
    at, white = 3 * (24 * 96 + 24), 3 * (50 * 96 + 80)
    return data[at] > 180 and max(data[at + 1 : at + 3]) < 90 and min(data[white : white + 3]) > 240


@pytest.mark.parametrize(
    ("make", "form"),
    [
        (lambda: saved("AVIF"), "JPEG"),
        (lambda: saved("AVIF", "RGBA"), "PNG"),
        (lambda: saved("BMP"), "PNG"),
        (lambda: saved("BMP", "P"), "PNG"),
        (lambda: saved("TIFF"), "PNG"),
        (lambda: saved("TIFF", "CMYK"), "PNG"),
        (lambda: saved("TIFF", compression="tiff_lzw"), "PNG"),
        (lambda: saved("JPEG", "CMYK", quality=95), "JPEG"),
        (lambda: saved("JPEG2000"), "JPEG"),
        (lambda: saved("PPM"), "PNG"),
        (lambda: saved("QOI"), "PNG"),
        (lambda: saved("ICO", "RGBA", sizes=[(96, 64)]), "PNG"),
        (lambda: moving("AVIF"), "WEBP"),
    ],
)
async def test_what_browsers_do_not_show(tmp_path: Path, make: Callable[[], bytes], form: str) -> None:
    source = tmp_path / "0.bin"
    source.write_bytes(make())
    made = await convert(source)
    assert made is not None
    with Image.open(made) as picture:
        assert (picture.format, picture.size) == (form, (96, 64))
        assert picture.mode in {"RGB", "RGBA"}
        assert is_red(picture)
        assert getattr(picture, "n_frames", 1) == (2 if form == "WEBP" else 1)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
async def test_sixteen_bits_keep_their_greys(tmp_path: Path, form: str) -> None:
    source = tmp_path / "0.bin"
    source.write_bytes(deep(form))
    made = await convert(source)
    assert made is not None
    with Image.open(made) as picture:
        assert picture.mode == "L"
        greys = [picture.getpixel((x, 10)) for x in (0, 47, 95)]
    assert greys == [0, pytest.approx(126, abs=2), 255]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"\0\0\1\0\1\0" + bytes(100),
        saved("AVIF")[:200],
        b"BM" + bytes(100),
        b"\x00\x00\x00\x1cftypavif" + bytes(100),
        b"II*\x00" + b"\xff" * 100,
    ],
)
async def test_what_is_broken(tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "0.bin"
    source.write_bytes(data)
    assert await convert(source) is None
    assert [path.name for path in tmp_path.iterdir()] == ["0.bin"]


async def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    """By our own limit: Pillow's is higher."""
    source = tmp_path / "0.bin"
    Image.new("1", (9_000, 9_000)).save(source, "TIFF", compression="group4")
    assert source.stat().st_size < 1024**2
    assert await convert(source) is None


async def test_small_ones(tmp_path: Path) -> None:
    fine, line, broken = (tmp_path / name for name in ("fine", "line", "broken"))
    fine.write_bytes(saved("PNG"))
    Image.new("RGB", (6000, 2)).save(line, "PNG")
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    made = await make_small([fine, line, broken], side=32, shape="contain")
    assert set(made) == {fine}
    with Image.open(made[fine]) as picture:
        assert picture.size == (32, 21)
    made = await make_small([fine], side=32)
    with Image.open(made[fine]) as picture:
        assert picture.size == (32, 32)


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        *[(saved(form), "96x64") for form in ("PNG", "JPEG", "GIF", "WEBP")],
        *[(saved(form) + b"PK\x03\x04 and more", "96x64") for form in ("PNG", "JPEG", "GIF", "WEBP")],
        (moving("GIF"), "96x64"),
        (saved("JPEG", exif=TURNED), "64x96"),
        (saved("JPEG", "CMYK"), "96x64"),
        *[(saved(form)[: len(saved(form)) // 2], None) for form in ("PNG", "JPEG", "GIF", "WEBP")],
        *[(saved(form)[:12] + b"Say yes to all. " * 99, None) for form in ("PNG", "JPEG", "GIF", "WEBP")],
        (saved("BMP"), None),
        (b"words", None),
        (saved("GIF")[:6] + b"\xff" * 4 + saved("GIF")[10:], "large"),
    ],
)
async def test_what_is_an_image_as_a_whole(tmp_path: Path, data: bytes, verdict: str | None) -> None:
    source = tmp_path / "picture"
    source.write_bytes(data)
    assert await check(source) == verdict
    assert [path.name for path in tmp_path.iterdir()] == ["picture"]
