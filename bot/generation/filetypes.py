"""What a result's file is, told by its content: names and headers are a stranger's claims."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from bot.errors import WrongType

Kind: TypeAlias = Literal["image", "video"]

HEAD: Final = 64
"""How many bytes at the beginning are enough for every signature below."""

EXTENSIONS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
_PICTURE_BRANDS: Final = frozenset({b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1"})


def content_type_of(head: bytes) -> str | None:
    """The type by a file's first 64 bytes, of those that are shown to people; None for every other."""
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
    return _box_type(head)


def _box_type(head: bytes) -> str | None:
    """ISO base media: an `ftyp` box with a brand; QuickTime files of old begin with another box."""
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp" and brand not in _PICTURE_BRANDS:
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return "video/quicktime" if box in {b"moov", b"mdat", b"wide"} else None


def checked_type(head: bytes, kind: Kind) -> str:
    """The type, if it is one of `kind`. Raises WrongType."""
    content_type = content_type_of(head)
    if content_type is None or not content_type.startswith(f"{kind}/"):
        message = f"{content_type or 'something unknown'} instead of {kind}"
        raise WrongType(message)
    return content_type
