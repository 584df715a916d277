"""What a clip says of itself: the child process that reads it sees nothing of the bot but the limits it sets itself.

    MEMORY_BYTES CPU_SECONDS FILE

Writes `WIDTH HEIGHT SECONDS SOUND` on standard output (SOUND: 1 or 0); nothing where the file is no MP4 or MOV, or
does not tell. Only the index is read, the boxes of ISO/IEC 14496-12, which QuickTime has too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot import child_limits

MOST_INDEX = 16 * 1024 * 1024
"""Bytes; that of a clip of some seconds has a few thousand."""
MOST_BOXES = 1000
"""Before the index."""
LARGEST_SIDE = 32_768
LONGEST_SECONDS = 24 * 3600.0


def main(memory: int, seconds: int, path: str) -> None:
    child_limits.bound(memory=memory, seconds=seconds, nice=10)
    with Path(path).open("rb") as file:
        found = header_of(file)
    if found is not None:
        sys.stdout.write(" ".join(map(str, found)))


def header_of(file: BinaryIO) -> tuple[int, int, float, int] | None:
    """Width and height as they are shown, seconds, and whether there is sound. None: it can't be told."""
    index = list(boxes(index_of(file)))
    parts = dict(index)
    seconds = _seconds(parts.get(b"mvhd", b""), dict(boxes(parts.get(b"mvex", b""))).get(b"mehd", b""))
    sides, sound = None, 0
    for name, track in index:
        if name != b"trak":
            continue
        inside = dict(boxes(track))
        kind = dict(boxes(inside.get(b"mdia", b""))).get(b"hdlr", b"")[8:12]
        sound |= kind == b"soun"
        if kind == b"vide" and sides is None:
            sides = _sides(inside.get(b"tkhd", b""), _entry(inside.get(b"mdia", b"")))
    if sides is None or not all(0 < side <= LARGEST_SIDE for side in sides) or not 0 < seconds <= LONGEST_SECONDS:
        return None
    return *sides, round(seconds, 3), sound


def index_of(file: BinaryIO) -> bytes:
    """What is in the file's `moov`; nothing where it has none, or one beyond all reason."""
    for _ in range(MOST_BOXES):
        head = file.read(8)
        size, name = int.from_bytes(head[:4], "big"), head[4:]
        taken = 8
        if size == 1:
            size, taken = int.from_bytes(file.read(8), "big"), 16
        if name == b"moov":
            index = file.read(size - taken) if taken < size <= MOST_INDEX else b""
            return index if len(index) == size - taken else b""
        if len(head) < 8 or size < taken:
            break
        file.seek(size - taken, 1)
    return b""


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes side by side in `data`: name and what is in them."""
    at = 0
    while at + 8 <= len(data):
        size, name = _number(data, at, 4), data[at + 4 : at + 8]
        if size < 8:
            return
        yield name, data[at + 8 : at + size]
        at += size


def _seconds(head: bytes, extended: bytes) -> float:
    """`extended`: of what comes in fragments, whose own head has no length."""
    wide = head[:1] == b"\1"
    timescale = _number(head, 20 if wide else 12, 4)
    units = _number(head, 24, 8) if wide else _number(head, 16, 4)
    if not units:
        units = _number(extended, 4, 8 if extended[:1] == b"\1" else 4)
    return units / timescale if timescale else 0.0


def _entry(media: bytes) -> bytes:
    """How its pictures are coded, the first of the ways (VisualSampleEntry)."""
    for name in (b"minf", b"stbl", b"stsd"):
        media = dict(boxes(media)).get(name, b"")
    return next((entry for _, entry in boxes(media[8:])), b"")


def _sides(head: bytes, entry: bytes) -> tuple[int, int]:
    """As players show it: the coded pixels, as wide as the shape of one of them says (`pasp`), else the shape of the
    track (16.16 fixed); a quarter turn is in the matrix before that.
    """
    at = 88 if head[:1] == b"\1" else 76
    width, height = _number(head, at, 4) >> 16, _number(head, at + 4, 4) >> 16
    coded = _number(entry, 24, 2), _number(entry, 26, 2)
    if all(coded):
        pixel = dict(boxes(entry[78:])).get(b"pasp", b"")
        across, along = _number(pixel, 0, 4), _number(pixel, 4, 4)
        if not (across and along):
            across, along = width * coded[1], height * coded[0]
        width, height = coded
        if across and along:
            width = round(width * across / along)
    turned = not any(head[at - 36 : at - 32]) and any(head[at - 32 : at - 28])
    return (height, width) if turned else (width, height)


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")
