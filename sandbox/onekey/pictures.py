"""Pictures drawn from a prompt: the same prompt gives the same picture, and each index another one.

Drawn small and enlarged, little compression: about 40 ms for 1024×1024.
"""

from __future__ import annotations

import colorsys
import hashlib
import io
import random
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

_SMALL: Final = 128


def draw(prompt: str, *, width: int, height: int, index: int = 0) -> Image.Image:
    """An RGB picture: a gradient sky, hills, a sun, and the prompt's Latin text small at its foot."""
    chance = random.Random(hashlib.sha256(f"{prompt}\0{index}".encode()).digest())
    hue = chance.random()
    small = Image.composite(
        Image.new("RGB", (_SMALL, _SMALL), _colour(hue, 0.55, 0.95)),
        Image.new("RGB", (_SMALL, _SMALL), _colour(hue + 0.15, 0.70, 0.45)),
        _resized(Image.linear_gradient("L"), _SMALL, _SMALL),
    )
    pen = ImageDraw.Draw(small)
    x, y, radius = chance.uniform(24, 104), chance.uniform(18, 60), chance.uniform(8, 20)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(hue + 0.5, 0.35, 1.0))
    for layer in range(3):
        level = 70 + 18 * layer
        points: list[tuple[float, float]] = [(0.0, 128.0)]
        points += [(step * 16.0, level + chance.uniform(-12, 8)) for step in range(9)]
        pen.polygon([*points, (128.0, 128.0)], fill=_colour(hue + 0.05 * layer, 0.6, 0.55 - 0.14 * layer))
    picture = _resized(small, width, height)
    _write(picture, prompt)
    return picture


def edited(sources: Sequence[Image.Image], prompt: str, *, width: int, height: int, index: int = 0) -> Image.Image:
    """The pictures side by side, and below them a band with the prompt: what was made from what stays to be seen.

    Each edit adds its band below those of the earlier ones. The colour of the band is the prompt's and the index's.
    """
    chance = random.Random(hashlib.sha256(f"{prompt}\0{index}".encode()).digest())
    band = max(4, height // 10)
    picture = Image.new("RGB", (width, height), _colour(chance.random(), 0.7, 0.5))
    room = height - band
    edges = [round(width * number / len(sources)) for number in range(len(sources) + 1)]
    for number, source in enumerate(sources):
        picture.paste(_resized(source, max(1, edges[number + 1] - edges[number]), room), (edges[number], 0))
    _write(picture, f"{index + 1}: {prompt}", size=max(8, band // 2))
    return picture


def encode(picture: Image.Image, *, kind: str = "PNG") -> bytes:
    """The bytes of a PNG (or JPEG) file."""
    buffer = io.BytesIO()
    if kind == "JPEG":
        picture.save(buffer, "JPEG", quality=85)
    else:
        picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _write(picture: Image.Image, prompt: str, *, size: int = 0) -> None:
    """At the foot, `size` pixels high (0: as suits the picture).

    The font that comes with Pillow has Latin letters only; what else a prompt has stays out.
    """
    text = " ".join("".join(c for c in prompt if " " <= c <= "\u024f").split())[:80]
    if not text:
        return
    size = size or max(10, min(picture.width, picture.height) // 36)
    ImageDraw.Draw(picture).text(
        (size, picture.height - 2 * size), text, fill=(255, 255, 255), font=ImageFont.load_default(size)
    )


def _resized(picture: Image.Image, width: int, height: int) -> Image.Image:
    # Pillow types the size with numpy's arrays, which are not installed
    return picture.resize((width, height), Image.Resampling.BICUBIC)  # pyright: ignore[reportUnknownMemberType]


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
