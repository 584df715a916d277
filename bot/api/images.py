"""POST /images/generations: the request, and the pictures in its answer."""

from __future__ import annotations

import asyncio
import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from bot.api.failures import Effect
from bot.api.shapes import JsonObject, mapping, sequence, text
from bot.api.timeouts import Timeouts
from bot.api.transport import Call, OnWait, Transport
from bot.errors import BadAnswer

if TYPE_CHECKING:
    from bot.api.retries import RetryPolicy

_ROUTE: Final = "/images/generations"
_ANSWER_LIMIT: Final = 96 * 1024 * 1024  # four pictures as base64, at more than any model's size


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """`count` pictures of `size` ("1024x1024"; None leaves it to the model)."""

    model: str
    prompt: str
    count: int
    size: str | None

    def body(self) -> bytes:
        fields: JsonObject = {"model": self.model, "prompt": self.prompt, "n": self.count}
        if self.size:
            fields["size"] = self.size
        return orjson.dumps(fields)


@dataclass(frozen=True, slots=True)
class Picture:
    """Where the picture is (`url`, which expires), or the picture itself (`data`, type unchecked): at least one."""

    url: str | None
    data: bytes | None
    revised_prompt: str | None


@dataclass(frozen=True, slots=True)
class Images:
    """At least one picture, at most as many as were asked for."""

    pictures: tuple[Picture, ...]


async def generate(
    transport: Transport,
    request: ImageRequest,
    *,
    timeouts: Timeouts,
    retries: RetryPolicy,
    on_wait: OnWait | None,
) -> Images:
    """`OneKeyClient.generate_images` says what it raises."""
    call = Call(
        "POST",
        _ROUTE,
        Effect.MAKES,
        body=request.body(),
        total=timeouts.images,
        retries=retries,
        limit=_ANSWER_LIMIT,
    )
    answer = await transport.json(call, on_wait=on_wait)
    pictures: list[Picture] = []
    for entry in sequence(answer.document.get("data"))[: request.count]:
        picture = parse_picture(mapping(entry), transport)
        if picture is not None:
            pictures.append(picture)
        await asyncio.sleep(0)  # decoding megabytes: let the others in between
    if not pictures:
        message = "an answer without a usable picture"
        raise BadAnswer(message, status=answer.status, request_id=answer.request_id)
    return Images(tuple(pictures))


def parse_picture(entry: JsonObject, transport: Transport) -> Picture | None:
    """One entry of `data`; all its keys may be there and empty. None: there is no picture in it."""
    url = text(entry.get("url"))
    data = _decode(text(entry.get("b64_json")))
    if data is None and url[:5].lower() == "data:":
        data = _decode(url)
    link = transport.collapse(url) if url[:8].lower().startswith(("http://", "https://")) else None
    if link is None and data is None:
        return None
    return Picture(url=link, data=data, revised_prompt=text(entry.get("revised_prompt")) or None)


def _decode(encoded: str) -> bytes | None:
    """Base64, also after a `data:image/png;base64,` and without its padding; None if it is not."""
    if encoded[:5].lower() == "data:":
        encoded = encoded.partition(",")[2]
    if "\n" in encoded or " " in encoded:
        encoded = "".join(encoded.split())
    encoded += "=" * (-len(encoded) % 4)
    try:
        return base64.b64decode(encoded, validate=True) or None
    except (binascii.Error, ValueError):
        return None
