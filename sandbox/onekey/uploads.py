"""Pictures that come with a request: multipart forms and data URLs, decoded as a model would have to."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import BodyPartReader
from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from aiohttp import web

FORMATS: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
LARGEST: Final = 50 * 1024 * 1024
"""Bytes a picture may have (OpenAI's documentation of /images/edits: less than 50 MB)."""
_BLOCK: Final = 256 * 1024
_MOST_IN_JSON: Final = 9


class Undecodable(ValueError):
    """The bytes are no PNG, JPEG or WebP."""


@dataclass(slots=True, eq=False)
class SentImage:
    """A picture as it was sent. `field`: "image", "image[]" or "mask"; `content_type`: what the client says it is."""

    field: str
    filename: str
    content_type: str
    content: bytes
    """At most LARGEST bytes of it."""
    size: int
    """Bytes that came."""
    format: str = ""
    """What it really is: "PNG", "JPEG", "WEBP"; empty until it is decoded."""
    width: int = 0
    height: int = 0

    async def decode(self) -> Image.Image:
        """The picture, RGB; notes its format, width and height.

        Raises:
            Undecodable: it is none, or a broken one.
        """
        picture, self.format = await asyncio.to_thread(_decoded, self.content)
        self.width, self.height = picture.size
        return picture


@dataclass(slots=True)
class Form:
    """A multipart form: its texts by name (the last one of a name) and its files in order."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    files: list[SentImage] = field(default_factory=list[SentImage])


async def read_form(request: web.Request) -> Form | None:
    """A multipart body; None when it can't be read. Of a file that is too large only its beginning is kept."""
    form = Form()
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader):
                await _part(form, part)
    except ValueError:  # no boundary, or parts that end in the middle
        return None
    return form


async def _part(form: Form, part: BodyPartReader) -> None:
    data, size = bytearray(), 0
    while chunk := await part.read_chunk(_BLOCK):
        size += len(chunk)
        if size <= LARGEST:
            data += chunk
    name = part.name or ""
    if part.filename is None:
        form.fields[name] = data.decode(errors="replace")
    else:
        kind = part.headers.get("Content-Type", "")
        form.files.append(SentImage(name, part.filename, kind, bytes(data), size))


def form_of_json(body: bytes) -> Form | None:
    """The JSON that this family's gateways take for an edit, as the form that says the same; None: it is none.

    Its pictures are not decoded yet.
    """
    try:
        fields: Any = orjson.loads(body)
        parts: list[dict[str, str]] = [part for message in fields["input"]["messages"] for part in message["content"]]
        pictures = [from_data_url(part["image"]) for part in parts if "image" in part]
        words = "".join(part.get("text", "") for part in parts)
        texts = {name: str(fields[name]) for name in ("model", "n", "size") if name in fields}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return Form({**texts, "prompt": words}, pictures) if 1 <= len(pictures) <= _MOST_IN_JSON else None


def from_data_url(url: str) -> SentImage:
    """The picture of a `data:image/…;base64,…` URL, not yet decoded.

    Raises:
        Undecodable: it is no such URL.
    """
    head, comma, data = url.partition(",")
    if not (comma and head.startswith("data:image/") and head.endswith(";base64")):
        raise Undecodable("no data URL of a picture with base64")
    try:
        content = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise Undecodable("the base64 can't be read") from error
    kind = head.removeprefix("data:").removesuffix(";base64")
    return SentImage("image", "", kind, content, len(content))


def _decoded(content: bytes) -> tuple[Image.Image, str]:
    try:
        with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as picture:
            kind = str(picture.format)
            return picture.convert("RGB"), kind
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise Undecodable("the picture can't be read") from error
