"""What a result's file is, told by its content: names and headers are a stranger's claims."""

from __future__ import annotations

from typing import BinaryIO, Final, Literal, TypeAlias

from bot.errors import WrongType

Kind: TypeAlias = Literal["image", "video"]

HEAD: Final = 64
"""How many bytes at the beginning are enough for every signature below."""

SHOWN: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
"""What Discord shows, with its extension."""
CONVERTED: Final = {
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "image/jp2": "jp2",
    "image/qoi": "qoi",
    "image/x-portable-anymap": "pnm",
    "image/vnd.adobe.photoshop": "psd",
}
"""What is made into a PNG, JPEG or WebP first."""
EXTENSIONS: Final = SHOWN | CONVERTED
_PICTURE_BRANDS: Final = frozenset({b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1"})
_OTHER_PICTURES: Final = {
    (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"): "image/tiff",
    (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"): "image/jp2",
    (b"qoif",): "image/qoi",
    tuple(b"P%d%c" % (kind, space) for kind in range(1, 7) for space in b"\n \r\t"): "image/x-portable-anymap",
    (b"8BPS\0\1",): "image/vnd.adobe.photoshop",
}
_BMP_HEADERS: Final = frozenset({12, 40, 52, 56, 64, 108, 124})
"""The sizes that a bitmap's second header can have."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that begin a frame."""
_MOST_SEGMENTS: Final = 1000


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
        return "image/avif" if b"avif" in head[8:] or b"avis" in head[8:] else None
    if box == b"ftyp":
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return "video/quicktime" if box in {b"moov", b"mdat", b"wide"} else None


def checked_type(head: bytes, kind: Kind) -> str:
    """The type, if it is one of `kind`. Raises WrongType."""
    content_type = content_type_of(head)
    if content_type is None or not content_type.startswith(f"{kind}/"):
        message = f"{content_type or 'something unknown'} instead of {kind}"
        raise WrongType(message)
    return content_type


def must_be_converted(file: BinaryIO, content_type: str) -> bool:
    """Whether a whole picture is not as browsers show it: another format, 16 bits a colour, a JPEG in four inks."""
    if content_type == "image/png":
        return file.read(25)[24:] == b"\x10"
    if content_type == "image/jpeg":
        return _inks(file) == 4
    return content_type in CONVERTED


def _inks(file: BinaryIO) -> int:
    """How many components a JPEG's frame has; 0 when there is none to be found."""
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return 0
        if head[1] in _FRAMES:
            return file.read(6)[5:].ljust(1, b"\0")[0]
        file.seek(max(0, int.from_bytes(head[2:], "big") - 2), 1)
    return 0
