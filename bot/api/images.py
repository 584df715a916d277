"""POST /images/generations and /images/edits: the requests, and the pictures in their answers."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import aiohttp
import orjson
from multidict import CIMultiDict

from bot.api import pictures
from bot.api.addresses import exact_url
from bot.api.calls import Answer, Call
from bot.api.failures import Effect
from bot.api.memory import Memory
from bot.api.permits import Permit
from bot.api.pictures import Picture
from bot.api.shapes import JsonObject
from bot.api.timeouts import Timeouts
from bot.api.transport import Transport
from bot.api.waits import OnWait
from bot.errors import InvalidRequest

if TYPE_CHECKING:
    from bot.api.retries import RetryPolicy

log = logging.getLogger(__name__)

_ROUTE: Final = "/images/generations"
_EDITS: Final = "/images/edits"
_SIZE: Final = re.compile(r"\b(?:size|resolution|width|height)s?\b|尺寸|分辨率|宽高", re.IGNORECASE)
_JSON, _MULTIPART = _FORMS = ("json", "multipart")
_MOST_IN_JSON: Final = 9
_FORM: Final = re.compile(
    r"multipart|form[- _]?data|\bform\b|\bjson\b|content[- ]?type|media type|boundary|marshal|\bpars(?:e|ing)\b"
    r"|\bbody\b|invalid character|required|missing|unknown|unexpected|unrecogni[sz]ed|not permitted|extra field"
    r"|\binput\b|messages|\bimage\b.{0,40}\b(?:empty|provided|not found)\b|表单|请求体|缺少|必填",
    re.IGNORECASE,
)
_ABOUT_THE_PICTURE: Final = frozenset(
    {"invalid_image_file", "unsupported_file_mimetype", "image_too_large", "array_above_max_length", "invalid_mask"}
)
"""OpenAI's codes."""
_ANSWER_LIMIT: Final = 96 * 1024 * 1024  # four pictures as base64, at more than any model's size


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """`count` pictures of `size` ("1024x1024"; None leaves it to the model). `insists`: a person chose that size, and
    wants no other. `more`: what else the model is told under `parameters`: seed, negative_prompt.
    """

    model: str
    prompt: str
    count: int
    size: str | None
    insists: bool = False
    more: Mapping[str, int | str] = field(default_factory=dict[str, "int | str"])

    def body(self) -> bytes:
        return orjson.dumps(_fields(self))


@dataclass(frozen=True, slots=True)
class InputPicture:
    """A picture to send along. `content_type`: image/png, image/jpeg or image/webp, by its content."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EditRequest:
    """`count` pictures made of `pictures` by `prompt`; `size` ("1024x1024"), None: the model decides. `insists` and
    `more` as of an `ImageRequest`.

    One picture goes as `image`, several as `image[]`, which is how OpenAI's own client names them
    (https://platform.openai.com/docs/api-reference/images/createEdit).
    """

    model: str
    prompt: str
    count: int
    size: str | None
    pictures: tuple[InputPicture, ...]
    insists: bool = False
    more: Mapping[str, int | str] = field(default_factory=dict[str, "int | str"])

    def json(self) -> bytes:
        """The form that this family's gateways hand on with its size; 1 to 9 pictures."""
        content: list[JsonObject] = [
            {"image": f"data:{one.content_type};base64,{base64.b64encode(one.data).decode()}"} for one in self.pictures
        ]
        content.append({"text": self.prompt})
        return orjson.dumps(_fields(self) | {"input": {"messages": [{"role": "user", "content": content}]}})

    async def multipart(self) -> tuple[bytes, str]:
        """The form, and its content type with the boundary: in bytes, since a try may be repeated."""
        form = aiohttp.MultipartWriter("form-data")
        fields = {"model": self.model, "prompt": self.prompt, "n": str(self.count)}
        if self.size:
            fields["size"] = self.size
        fields |= {name: str(value) for name, value in self.more.items()}
        for name, value in fields.items():
            part = form.append(value, CIMultiDict({"Content-Type": "text/plain; charset=utf-8"}))
            part.set_content_disposition("form-data", name=name)
        name = "image" if len(self.pictures) == 1 else "image[]"
        for picture in self.pictures:
            part = form.append(picture.data, CIMultiDict({"Content-Type": picture.content_type}))
            part.set_content_disposition("form-data", name=name, filename=picture.name)
        return await form.as_bytes(), form.content_type


def _fields(request: ImageRequest | EditRequest) -> JsonObject:
    fields: JsonObject = {"model": request.model, "prompt": request.prompt, "n": request.count}
    if request.size:
        fields["size"] = request.size
    if request.more:
        fields["parameters"] = dict(request.more)
    return fields


@dataclass(frozen=True, slots=True)
class Images:
    """At least one picture, at most as many as were asked for."""

    pictures: tuple[Picture, ...]


async def generate(
    transport: Transport,
    request: ImageRequest,
    permit: Permit,
    *,
    timeouts: Timeouts,
    retries: RetryPolicy,
    on_wait: OnWait | None,
) -> Images:
    """`OneKeyClient.generate_images` says what it raises."""

    async def send(size: str | None) -> Answer:
        body = replace(request, size=size).body()
        call = Call(
            "POST",
            _ROUTE,
            Effect.MAKES,
            body=body,
            total=timeouts.images,
            retries=retries,
            limit=_ANSWER_LIMIT,
            sent=(request.prompt, request.model),
            permit=permit,
        )
        return await transport.json(call, on_wait=on_wait)

    return await _found(await _sized(send, request), transport, request.count, sent=(request.prompt,))


async def edit(
    transport: Transport,
    request: EditRequest,
    permit: Permit,
    *,
    memory: Memory,
    timeouts: Timeouts,
    retries: RetryPolicy,
    on_wait: OnWait | None,
) -> Images:
    """`OneKeyClient.edit_images` says what it raises."""

    async def send(form: str, size: str | None) -> Answer:
        sized = replace(request, size=size)
        body, content_type = await sized.multipart() if form == _MULTIPART else (sized.json(), "application/json")
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
            permit=permit,
        )
        return await transport.json(call, on_wait=on_wait)

    key = f"edit_form {transport.base_url} {request.model}"
    known = await memory.recall(key)
    # As a form the service loses, in silence, what is not the standard's.
    first = known if known in _FORMS else _JSON if request.size or request.more else _MULTIPART
    other = _MULTIPART if first == _JSON else _JSON
    if len(request.pictures) > _MOST_IN_JSON:
        first, other = _MULTIPART, None
    try:
        answer = await _sized(partial(send, first), request)
    except InvalidRequest as error:
        if other is None or not _is_about_form(error):
            raise
        log.info("%s takes no edit as %s, trying %s: %s", request.model, first, other, error)
        answer = await _sized(partial(send, other), request)
        await memory.note(key, other)
    not_these = {picture.data for picture in request.pictures}
    return await _found(answer, transport, request.count, sent=(request.prompt,), not_these=not_these)


async def _sized(send: Callable[[str | None], Awaitable[Answer]], request: ImageRequest | EditRequest) -> Answer:
    """With the size that is asked for; where a model has sizes of its own, once more without, unless it was chosen."""
    try:
        return await send(request.size)
    except InvalidRequest as error:
        # A 400 is answered before anything is made.
        if error.status != 400 or not request.size or request.insists or not is_about_size(error.detail):
            raise
        return await send(None)


def is_about_size(detail: str) -> bool:
    """Whether what the service says of a refused request is that its size will not do."""
    return _SIZE.search(detail) is not None


def _is_about_form(error: InvalidRequest) -> bool:
    """Whether it is the form of the body that is refused, and not what stands in it: an unreadable image, say."""
    if not error.about_form or error.code in _ABOUT_THE_PICTURE:
        return False
    return error.status == 415 or (error.status in {400, 422} and _FORM.search(error.detail) is not None)


async def _found(
    answer: Answer,
    transport: Transport,
    count: int,
    *,
    sent: Collection[str],
    not_these: Collection[bytes] = (),
) -> Images:
    """The usable pictures of an answer. BadAnswer, or what it says of it: there is none."""
    if answer.file:
        return Images((Picture(None, answer.file),))
    base = exact_url(f"{transport.base_url}/")
    found = await pictures.find(answer.document, base=base, most=count, sent=sent, not_these=not_these)
    if not found:
        raise transport.without_result(answer, "an answer without a usable picture", sent=tuple(sent))
    return Images(tuple(replace(one, url=one.url and transport.collapse(one.url)) for one in found))
