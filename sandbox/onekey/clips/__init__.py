"""Clips: real MP4 files (H.264, yuv420p, the index first), made once, one for each size that a model makes.

A clip is the smallest that has room for what was asked for, cut to just those pixels and played for as long as was
asked for. It carries its prompt: no two are the same.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from .cropping import cropped

SECONDS: Final = 2.0
_HERE: Final = Path(__file__).parent
_INSIDE: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_PICTURES: Final = 86
"""Where in a sample entry for pictures its boxes begin: after its own 86 bytes."""
_TIMED: Final = frozenset({b"mvhd", b"mdhd"})


def clip(prompt: str, *, width: int, height: int, seconds: float = SECONDS, sound: bool = False) -> bytes:
    """The bytes of an MP4 file, 5 to 20 KB."""
    size = min(_sizes(), key=lambda size: _room(*size, width, height))
    content = prompt.encode()
    return _file(size, (width, height), seconds, sound) + (len(content) + 8).to_bytes(4, "big") + b"free" + content


class Seen(NamedTuple):
    """What a clip says of itself."""

    width: int
    height: int
    sound: bool


def looked_at(content: bytes) -> Seen | None:
    """None: it is no clip of this kind."""
    width, height, sound = 0, 0, False
    for kind, at in _boxes(content, 0, len(content)):
        if kind == b"tkhd" and any(content[at + 84 : at + 92]):
            width, height = (int.from_bytes(content[place : place + 2], "big") for place in (at + 84, at + 88))
        sound |= kind == b"hdlr" and content[at + 16 : at + 20] == b"soun"
    return Seen(width, height, sound) if width and height else None


def _room(width: int, height: int, wanted_width: int, wanted_height: int) -> tuple[bool, int]:
    """The smallest that has room comes first."""
    return not (width >= wanted_width and height >= wanted_height), width * height


def padding(present: int, wanted: int) -> bytes:
    """The head of a `free` box that fills an MP4 of `present` bytes up to `wanted`; players skip it.

    The zeros that follow the head are left to the caller: they may be many.
    """
    room = wanted - present
    return room.to_bytes(4, "big") + b"free" if room >= 8 else b""


@functools.cache
def _sizes() -> tuple[tuple[int, int], ...]:
    """Of the files here, which are called `1280x720.mp4` and the like."""
    names = sorted(path.stem.partition("x") for path in _HERE.glob("*.mp4"))
    return tuple((int(width), int(height)) for width, _, height in names)


@functools.lru_cache(maxsize=64)
def _file(size: tuple[int, int], shown: tuple[int, int], seconds: float, sound: bool) -> bytes:  # noqa: FBT001 - a key of the cache
    """The file whose pictures are cut to what is `shown`, and stand for so much longer than in the original that it
    lasts `seconds`.
    """
    content = bytearray((_HERE / f"{size[0]}x{size[1]}.mp4").read_bytes())
    for kind, at in list(_boxes(content, 0, len(content))):
        if kind in _TIMED:
            timescale = int.from_bytes(content[at + 20 : at + 24], "big")
            content[at + 20 : at + 24] = round(timescale * SECONDS / seconds).to_bytes(4, "big")
        elif kind == b"tkhd" and any(content[at + 84 : at + 92]):  # a sound has no size
            for place, side in zip((at + 84, at + 88), shown, strict=True):
                content[place : place + 4] = (side << 16).to_bytes(4, "big")
        elif kind == b"hdlr" and bytes(content[at + 16 : at + 20]) == b"soun" and not sound:
            track = max(start for name, start in _boxes(content, 0, at) if name == b"trak")
            content[track + 4 : track + 8] = b"free"
    if shown != size:
        _cut(content, *shown)
    return bytes(content)


def _cut(content: bytearray, width: int, height: int) -> None:
    """Show so much of the pictures: in their entry, and in the sequence parameters in it."""
    found = list(_boxes(content, 0, len(content)))
    entry = next(at + 16 for name, at in found if name == b"stsd" and content.startswith(b"avc1", at + 20))
    content[entry + 32 : entry + 36] = width.to_bytes(2, "big") + height.to_bytes(2, "big")
    config = next(at for name, at in _boxes(content, entry + _PICTURES, len(content)) if name == b"avcC")
    start = config + 16  # after the version, profile, length of lengths and the number of parameter sets
    old = int.from_bytes(content[start - 2 : start], "big")
    new = cropped(bytes(content[start : start + old]), width, height)
    content[start - 2 : start + old] = len(new).to_bytes(2, "big") + new
    longer = len(new) - old
    around = [at for name, at in found if name in _INSIDE | {b"stsd"} and at < start]
    for at in (*around, entry, config):
        size = int.from_bytes(content[at : at + 4], "big")
        if at + size > start:  # the tracks before it have ended
            content[at : at + 4] = (size + longer).to_bytes(4, "big")
    for name, at in _boxes(content, 0, len(content)):
        if name == b"stco":
            for each in range(int.from_bytes(content[at + 12 : at + 16], "big")):
                place = at + 16 + 4 * each
                offset = int.from_bytes(content[place : place + 4], "big")
                content[place : place + 4] = (offset + longer).to_bytes(4, "big")


def _boxes(content: bytes | bytearray, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Each box between two places, those inside others too: its name, and where it begins."""
    while start + 8 <= end:
        size = int.from_bytes(content[start : start + 4], "big")
        name = bytes(content[start + 4 : start + 8])
        yield name, start
        if name in _INSIDE:
            yield from _boxes(content, start + 8, min(start + size, end))
        start += max(size, 8)
