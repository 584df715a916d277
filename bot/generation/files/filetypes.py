"""What a result's file is, told by its content: names and headers are a stranger's claims."""

from __future__ import annotations

from typing import BinaryIO, Final

from bot.api.filetypes import content_type_of
from bot.errors import WrongType
from bot.kinds import Kind

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
    "image/x-icon": "ico",
    "image/heic": "heic",
    "image/jxl": "jxl",
}
"""What is made into a PNG, JPEG or WebP first; where that can't be done it is to be had as a file."""
BY_FFMPEG: Final = frozenset({"image/heic", "image/jxl"})
"""What Pillow reads by plug-ins alone, of 6 and of 26 MB; ffmpeg, where it is, reads both."""
EXTENSIONS: Final = SHOWN | CONVERTED
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that begin a frame."""
_MOST_SEGMENTS: Final = 1000


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
