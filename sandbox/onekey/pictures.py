"""Pictures drawn from a prompt: the same prompt gives the same picture, and each index another one.

Drawn small and enlarged, little compression: some 50 ms for 1024×1024.
"""

from __future__ import annotations

import colorsys
import contextlib
import hashlib
import io
import math
import random
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence

_SMALL: Final = 512
"""Pixels that a picture is drawn with before it is given its size."""
_SKIES: Final = (
    # the sky above and at the horizon, the sun, the nearest hill
    ("#1b2a4a", "#f2a27a", "#ffe3b3", "#1d2333"),  # dusk
    ("#3b7dbf", "#d6ecf7", "#fff6d8", "#1f4d3f"),  # a clear day
    ("#0b1026", "#3a3f77", "#f4f1de", "#0a0d1c"),  # night
    ("#7a4e8a", "#f7c6c0", "#fff1e0", "#3a2548"),  # dawn
    ("#1f6f78", "#f5e6b8", "#fff9e6", "#0f3b3f"),  # by the sea
    ("#8fa9bd", "#eef3f6", "#ffffff", "#33475a"),  # snow
    ("#c8553d", "#f9d98c", "#fff4cf", "#4a1f1a"),  # autumn
)
_LAYERS: Final = 4
_WIDE: Final = re.compile(r"[\u2e80-\u9fff]")
_UNKNOWN: Final = re.compile(r"[^ -\u024f]")
_UNKNOWN_WIDE: Final = re.compile(r"[^ -\u024f\u2014-\u2026\u2e80-\u9fff\uff00-\uff65]")
_WIDE_FONTS: Final = (
    *("NotoSansCJK-Regular.ttc", "SourceHanSansCN-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc"),
    *("PingFang.ttc", "Hiragino Sans GB.ttc", "msyh.ttc", "simhei.ttf"),
)


def draw(prompt: str, *, width: int, height: int, index: int = 0) -> Image.Image:
    """An RGB picture: a sky, a sun with its glow, hills behind hills, and the prompt small at its foot."""
    chance = random.Random(hashlib.sha256(f"{prompt}\0{index}".encode()).digest())
    high, low, sun, near = (ImageColor.getrgb(each)[:3] for each in chance.choice(_SKIES))
    small = _mixed(high, low, _resized(Image.linear_gradient("L"), _SMALL, _SMALL))
    x, y, radius = chance.uniform(90, 420), chance.uniform(90, 220), chance.uniform(28, 64)
    # Black in the middle of the gradient, white 128 pixels from it: what is taken from a grey leaves a glow
    far = _resized(Image.radial_gradient("L"), round(radius * 8), round(radius * 8))
    glow = ImageChops.subtract(Image.new("L", far.size, 110), far)
    small.paste(Image.new("RGB", far.size, sun), (round(x - radius * 4), round(y - radius * 4)), glow)
    pen = ImageDraw.Draw(small)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=sun)
    for layer in range(_LAYERS):
        part = (layer + 1) / _LAYERS
        colour = tuple(round(far + (close - far) * part) for far, close in zip(low, near, strict=True))
        pen.polygon([(0, _SMALL), *_hill(chance, 250 + 70 * layer, 46 - 5 * layer), (_SMALL, _SMALL)], fill=colour)
    picture = _resized(small, width, height)
    _write(picture, prompt)
    return picture


def _hill(chance: random.Random, level: float, rise: float) -> list[tuple[float, float]]:
    """Points from the left edge to the right: three waves, each shorter and lower than the one before."""
    waves = [(rise / number, chance.uniform(0.6, 1.4) * number, chance.uniform(0, math.tau)) for number in (1, 2, 5)]
    return [
        (step, level + sum(tall * math.sin(math.tau * often * step / _SMALL + begun) for tall, often, begun in waves))
        for step in range(0, _SMALL + 1, 4)
    ]


def _mixed(above: tuple[int, ...], below: tuple[int, ...], mask: Image.Image) -> Image.Image:
    return Image.composite(Image.new("RGB", mask.size, below), Image.new("RGB", mask.size, above), mask)


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

    The font that comes with Pillow has Latin letters only; what else a prompt has stays out where no font has it.
    """
    size = size or max(10, min(picture.width, picture.height) // 36)
    font = _wide_font(size) if _WIDE.search(prompt) else None
    text = " ".join(re.sub(_UNKNOWN if font is None else _UNKNOWN_WIDE, "", prompt).split())[:80]
    if text:
        place = (size, picture.height - 2 * size)
        ImageDraw.Draw(picture).text(place, text, fill=(255, 255, 255), font=font or ImageFont.load_default(size))


@lru_cache(maxsize=8)
def _wide_font(size: int) -> ImageFont.FreeTypeFont | None:
    """One of this machine's with Chinese letters."""
    for name in _WIDE_FONTS:
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, size)
    return None


def _resized(picture: Image.Image, width: int, height: int) -> Image.Image:
    # Pillow types the size with numpy's arrays, which are not installed
    return picture.resize((width, height), Image.Resampling.BICUBIC)  # pyright: ignore[reportUnknownMemberType]


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
