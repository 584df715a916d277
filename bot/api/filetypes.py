"""What a file is, told by its content: names, headers and keys are a stranger's claims."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

HEAD: Final = 64
"""How many bytes at the beginning are enough for every signature below."""
PICTURE_ENDINGS: Final[Mapping[str, str]] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".heic": "image/heic",
}
"""Of names and links that likely are of one: their content has the last word."""
_PICTURE_BRANDS: Final = frozenset({b"avif", b"avis", b"heic", b"heix", b"heim", b"hevc", b"hevx", b"mif1", b"msf1"})
_OTHER_PICTURES: Final = {
    (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"): "image/tiff",
    (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"): "image/jp2",
    (b"qoif",): "image/qoi",
    tuple(b"P%d%c" % (kind, space) for kind in range(1, 7) for space in b"\n \r\t"): "image/x-portable-anymap",
    (b"8BPS\0\1",): "image/vnd.adobe.photoshop",
    (b"\0\0\1\0",): "image/x-icon",
    (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"): "image/jxl",
}
_BMP_HEADERS: Final = frozenset({12, 40, 52, 56, 64, 108, 124})
"""The sizes that a bitmap's second header can have."""


def named_type(name: str) -> str:
    """The type of a picture by its name; empty: it is called like none."""
    return PICTURE_ENDINGS.get(PurePosixPath(name).suffix.lower(), "")


def content_type_of(head: bytes) -> str | None:
    """The type by a file's first 64 bytes, of those that are shown or made into such; None for every other."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return "video/webm"
    return _box_type(head) or _other_picture(head)


def _other_picture(head: bytes) -> str | None:
    for starts, content_type in _OTHER_PICTURES.items():
        if head.startswith(starts):
            return content_type
    bitmap = head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS
    return "image/bmp" if bitmap else None


def _box_type(head: bytes) -> str | None:
    """ISO base media: an `ftyp` box with a brand; QuickTime files of old begin with another box."""
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp" and brand in _PICTURE_BRANDS:
        return "image/avif" if b"avif" in head[8:] or b"avis" in head[8:] else "image/heic"
    if box == b"ftyp":
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return "video/quicktime" if box in {b"moov", b"mdat", b"wide"} else None
