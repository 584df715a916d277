"""Files that stand inside an answer: base64 in all its spellings, told by what they hold."""

from __future__ import annotations

import asyncio
import binascii
import re
from typing import Final
from urllib.parse import unquote

from bot.api.filetypes import HEAD, content_type_of

_SPACE: Final = b" \t\r\n\v\f"
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_LOOKED_AT: Final = 400
_SLICE: Final = 1024 * 1024
"""Characters that are decoded at once: some two milliseconds."""
_HEADS: Final = re.compile(r"""(?:\s+|data:[^,]{0,1000};base64,|base64(?:,|://)|b?['"`]){0,16}""", re.IGNORECASE)
"""What stands before base64, more than once too: some write it as Python shows bytes."""


def is_data_url(text: str) -> bool:
    return text[:5].lower() == "data:"


def content_type(text: str) -> str | None:
    """What a text is the base64 of (also with `data:…;base64,` before it), by its content; None: nothing that is known.

    Looks at its beginning only.
    """
    quads = _cleaned(_payload(text[: 2 * _LOOKED_AT])[:_LOOKED_AT])[: -(-HEAD // 3) * 4]
    try:
        return content_type_of(binascii.a2b_base64(_padded(quads), strict_mode=True))
    except binascii.Error:
        return None


async def decoded(text: str) -> bytes | None:
    """The bytes of base64: with line breaks, without its padding, in the alphabet of URLs, after a `data:…,`.

    None: it is none, or empty. Others get their turn in between, however long it is.
    """
    payload = await asyncio.to_thread(_payload, text)
    pieces: list[bytes] = []
    held = b""
    try:
        for start in range(0, len(payload), _SLICE):
            held += _cleaned(payload[start : start + _SLICE])
            whole = len(held) // 4 * 4
            # What is padded is the end: it is left to the last piece.
            whole = max(0, whole - 4)
            pieces.append(binascii.a2b_base64(held[:whole], strict_mode=True) if whole else b"")
            held = held[whole:]
            await asyncio.sleep(0)
        pieces.append(binascii.a2b_base64(_padded(held), strict_mode=True) if held else b"")
    except (binascii.Error, UnicodeEncodeError):
        return None
    return b"".join(pieces) or None


def _payload(text: str) -> str:
    """Without the heads of data URLs, quotes and escapes; a data URL that is not base64 holds no file of ours."""
    heads = _HEADS.match(text)
    text = text[heads.end() if heads is not None else 0 :].rstrip("'\"`")
    if "\\" in text:
        text = text.replace("\\r", "").replace("\\n", "").replace("\\/", "/")
    return "" if is_data_url(text) else unquote(text) if "%" in text else text


def _cleaned(text: str) -> bytes:
    # "?" is in no alphabet: what is not ASCII fails as it should.
    return text.encode("ascii", "replace").translate(_URL_SAFE, _SPACE)


def _padded(quads: bytes) -> bytes:
    quads = quads.rstrip(b"=")
    return quads + b"=" * (-len(quads) % 4)
