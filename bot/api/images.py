"""POST /images/generations and /images/edits: the requests, and the pictures in their answers."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import aiohttp
import orjson
from multidict import CIMultiDict

from bot.api.failures import Effect
from bot.api.shapes import JsonObject, mapping, sequence, text
from bot.api.timeouts import Timeouts
from bot.api.transport import Answer, Call, OnWait, Transport
from bot.errors import BadAnswer, InvalidRequest

if TYPE_CHECKING:
    from bot.api.retries import RetryPolicy

_ROUTE: Final = "/images/generations"
_EDITS: Final = "/images/edits"
_SIZE: Final = re.compile(r"\bsize\b", re.IGNORECASE)
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
class InputPicture:
    """A picture to send along. `content_type`: image/png, image/jpeg or image/webp, by its content."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EditRequest:
    """`count` pictures made of `pictures` by `prompt`; `size` ("1024x1024"), None: the model decides.

    One picture goes as `image`, several as `image[]`, which is how OpenAI's own client names them
    (https://platform.openai.com/docs/api-reference/images/createEdit).
    """

    model: str
    prompt: str
    count: int
    size: str | None
    pictures: tuple[InputPicture, ...]

    async def body(self, *, with_size: bool = True) -> tuple[bytes, str]:
        """The multipart form, and its content type with the boundary: in bytes, since a try may be repeated."""
        form = aiohttp.MultipartWriter("form-data")
        fields = {"model": self.model, "prompt": self.prompt, "n": str(self.count)}
        if self.size and with_size:
            fields["size"] = self.size
        for name, value in fields.items():
            part = form.append(value, CIMultiDict({"Content-Type": "text/plain; charset=utf-8"}))
            part.set_content_disposition("form-data", name=name)
        name = "image" if len(self.pictures) == 1 else "image[]"
        for picture in self.pictures:
            part = form.append(picture.data, CIMultiDict({"Content-Type": picture.content_type}))
            part.set_content_disposition("form-data", name=name, filename=picture.name)
        return await form.as_bytes(), form.content_type


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
        sent=(request.prompt, request.model),
    )
    return await _pictures(await transport.json(call, on_wait=on_wait), transport, request.count)


async def edit(
    transport: Transport,
    request: EditRequest,
    *,
    timeouts: Timeouts,
    retries: RetryPolicy,
    on_wait: OnWait | None,
) -> Images:
    """`OneKeyClient.edit_images` says what it raises."""

    async def send(*, with_size: bool) -> Answer:
        body, content_type = await request.body(with_size=with_size)
        call = Call(
            "POST",
            _EDITS,
            Effect.MAKES,
            body=body,
            content_type=content_type,
            total=timeouts.images,
            retries=retries,
            limit=_ANSWER_LIMIT,
            sent=(request.prompt, request.model),
        )
        return await transport.json(call, on_wait=on_wait)

    try:
        answer = await send(with_size=True)
    except InvalidRequest as error:
        # Models take sizes of their own; a 400 is answered before anything is made.
        if error.status != 400 or not request.size or not _SIZE.search(error.detail):
            raise
        answer = await send(with_size=False)
    return await _pictures(answer, transport, request.count)


async def _pictures(answer: Answer, transport: Transport, count: int) -> Images:
    """The usable pictures of an answer. BadAnswer: there is none."""
    pictures: list[Picture] = []
    for entry in sequence(answer.document.get("data"))[:count]:
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
