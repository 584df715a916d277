"""Clips: four real MP4 files (H.264, yuv420p, 2 s, the index first), made once.

A clip is the one whose shape and size are nearest to what was asked for. It carries its prompt: no two are the same.
"""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Final

SECONDS: Final = 2.0
_SIZES: Final = {"wide": (1280, 720), "tall": (720, 1280), "square": (960, 960), "small": (320, 180)}


def clip(prompt: str, *, width: int, height: int) -> bytes:
    """The bytes of an MP4 file, 5 to 20 KB."""
    name = min(_SIZES, key=lambda name: _apart(*_SIZES[name], width, height))
    content = prompt.encode()
    return _file(name) + (len(content) + 8).to_bytes(4, "big") + b"free" + content


def _apart(width: int, height: int, wanted_width: int, wanted_height: int) -> float:
    """How far two sizes are from each other; the shape says more than the pixels."""
    shape = math.log(width * wanted_height / (height * wanted_width))
    return 8 * abs(shape) + abs(math.log(width * height / (wanted_width * wanted_height)))


def padding(present: int, wanted: int) -> bytes:
    """The head of a `free` box that fills an MP4 of `present` bytes up to `wanted`; players skip it.

    The zeros that follow the head are left to the caller: they may be many.
    """
    room = wanted - present
    return room.to_bytes(4, "big") + b"free" if room >= 8 else b""


@functools.cache
def _file(name: str) -> bytes:
    return Path(__file__).with_name(f"{name}.mp4").read_bytes()
