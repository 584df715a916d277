"""What Discord says of an uploaded file: its type by its name and, for pictures and MP4, its measures."""

from __future__ import annotations

import mimetypes
import struct

_TYPES = mimetypes.MimeTypes()
_MORE = {".webp": "image/webp", ".avif": "image/avif", ".ts": "video/mp2t", ".md": "text/markdown"}
for _ending, _type in _MORE.items():
    _TYPES.add_type(_type, _ending)


def content_type(filename: str) -> str:
    """The media type by the file's name, whatever is in it: a bot must look for itself."""
    return _TYPES.guess_type(filename)[0] or "application/octet-stream"


def measures(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, GIF, JPEG, WebP or MP4; None for anything else or a broken file."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack(">II", data[16:24])
        elif data[:6] in (b"GIF87a", b"GIF89a"):
            width, height = struct.unpack("<HH", data[6:10])
        elif data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        elif data[4:8] == b"ftyp":
            return _mp4(data)
        else:
            return None
    except struct.error:
        return None
    return width, height


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data):
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    """Its first chunk is lossy, lossless or the extended header."""
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits: int = struct.unpack("<I", data[21:25])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None


def _mp4(data: bytes) -> tuple[int, int] | None:
    # The last eight bytes of a track header are its width and height, 16.16 fixed point; sound tracks have 0 × 0.
    at = data.find(b"tkhd")
    while at != -1:
        size = struct.unpack(">I", data[at - 4 : at])[0]
        width, height = struct.unpack(">II", data[at - 4 + size - 8 : at - 4 + size])
        if width and height:
            return width >> 16, height >> 16
        at = data.find(b"tkhd", at + 4)
    return None
