"""How large a clip is, where its header and its pictures say different things: as players show it."""

from __future__ import annotations

import io
import struct

import pytest

from bot.generation.files.clip_header import header_of

STRAIGHT, TURNED = (1, 0, 0, 1), (0, 1, -1, 0)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


def clip(
    track: tuple[int, int], coded: tuple[int, int] | None, pixel: tuple[int, int] | None, turn: tuple[int, ...]
) -> bytes:
    """An MP4's index: 2 s, no sound."""
    a, b, c, d = (each << 16 for each in turn)
    matrix = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    head = box(b"tkhd", bytes(40) + matrix + struct.pack(">II", track[0] << 16, track[1] << 16))
    inside = b""
    if coded is not None:
        shape = box(b"pasp", struct.pack(">II", *pixel)) if pixel is not None else b""
        entry = box(b"avc1", bytes(24) + struct.pack(">HH", *coded) + bytes(50) + shape)
        inside = box(b"minf", box(b"stbl", box(b"stsd", bytes(4) + struct.pack(">I", 1) + entry)))
    media = box(b"mdia", box(b"hdlr", bytes(8) + b"vide" + bytes(12)) + inside)
    times = box(b"mvhd", bytes(12) + struct.pack(">II", 1000, 2000) + bytes(80))
    return box(b"moov", times + box(b"trak", head + media))


@pytest.mark.parametrize(
    ("track", "coded", "pixel", "turn", "shown"),
    [
        ((1280, 720), (1280, 720), None, STRAIGHT, (1280, 720)),
        ((640, 360), (1280, 720), None, STRAIGHT, (1280, 720)),
        ((640, 480), (1088, 832), None, STRAIGHT, (1109, 832)),
        ((640, 480), (1088, 832), (1, 1), STRAIGHT, (1088, 832)),
        ((1024, 576), (720, 576), (64, 45), STRAIGHT, (1024, 576)),
        ((1280, 720), (1280, 720), (1, 1), TURNED, (720, 1280)),
        ((0, 0), (1280, 720), None, STRAIGHT, (1280, 720)),
        ((1280, 720), (0, 0), (0, 0), STRAIGHT, (1280, 720)),
        ((1280, 720), None, None, STRAIGHT, (1280, 720)),
    ],
)
def test_it_is_as_large_as_players_show_it(
    track: tuple[int, int],
    coded: tuple[int, int] | None,
    pixel: tuple[int, int] | None,
    turn: tuple[int, ...],
    shown: tuple[int, int],
) -> None:
    assert header_of(io.BytesIO(clip(track, coded, pixel, turn))) == (*shown, 2.0, 0)
