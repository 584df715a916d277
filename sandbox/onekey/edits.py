"""POST /images/edits: a multipart form with pictures, as OpenAI documents it. The result shows what it came from."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from . import faults, pictures
from .context import Stored
from .plans import without_words
from .uploads import FORMATS, LARGEST, Undecodable

if TYPE_CHECKING:
    from aiohttp import web
    from PIL import Image

    from .images import ImagesRoute
    from .plans import Plan
    from .record import Request
    from .uploads import SentImage

_SIZE: Final = re.compile(r"(\d{2,4})[x*](\d{2,4})")
_IMAGES: Final = ("image", "image[]")
_MOST_IMAGES: Final = 16
_MOST: Final = 10
_LONGEST: Final = 1536
"""Pixels of the longer side when no size is asked for."""


class _Wrong(Exception):
    def __init__(self, message: str, code: str, param: str = "image") -> None:
        super().__init__(message)
        self.code = code
        self.param = param


class EditsRoute:
    def __init__(self, images: ImagesRoute) -> None:
        self._images = images

    async def answer(self, record: Request, plan: Plan) -> web.StreamResponse:
        try:
            count = _count(record.form)
            sources = await _sources(record)
            width, height = _size(record.form, sources[0])
            await _check_mask(record, sources[0])
        except _Wrong as wrong:
            body = {
                "message": str(wrong),
                "type": "invalid_request_error",
                "param": wrong.param,
                "code": wrong.code or None,
            }
            return faults.answer({"error": body}, status=400)
        kind = "jpeg" if plan.shape == "jpeg" else "png"
        wanted = [
            Stored(kind, record.form["prompt"], width, height, index, file_bytes=plan.file_bytes)
            for index in range(count)
        ]
        made = [replace(each, content=await asyncio.to_thread(_drawn, sources, each)) for each in wanted]
        return await self._images.listed(made, record, record.form.get("model", ""), plan)


def not_multipart(content_type: str) -> web.Response:
    """The refusal of a body that is no form."""
    text = (
        f"Unsupported content type: '{content_type}'. This API method only accepts 'multipart/form-data' requests, "
        f"but you specified the header 'Content-Type: {content_type}'. Please try again with a supported content type."
    )
    return faults.answer(faults.error(text, code=None, kind="invalid_request_error"), status=400)


def _count(form: dict[str, str]) -> int:
    """How many pictures are asked for. Raises: _Wrong for what is missing or out of range."""
    if not without_words(form.get("prompt", "")):
        raise _Wrong("Missing required parameter: 'prompt'.", "missing_required_parameter", "prompt")
    text = form.get("n", "1")
    if not re.fullmatch(r"\d{1,3}", text) or not 1 <= int(text) <= _MOST:
        raise _Wrong(f"Invalid value for 'n': expected a number between 1 and {_MOST}.", "invalid_value", "n")
    return int(text)


async def _sources(record: Request) -> list[Image.Image]:
    sent = [each for each in record.images if each.field in _IMAGES]
    if not sent:
        raise _Wrong("Missing required parameter: 'image'.", "missing_required_parameter")
    if len(sent) > _MOST_IMAGES:
        raise _Wrong(
            f"Invalid 'image': array too long. Expected an array with maximum length {_MOST_IMAGES}, "
            f"but got an array with length {len(sent)} instead.",
            "array_above_max_length",
        )
    return [await _decoded(each, number) for number, each in enumerate(sent, 1)]


async def _decoded(sent: SentImage, number: int) -> Image.Image:
    if sent.size >= LARGEST:
        raise _Wrong(f"Invalid image {number}: it must be less than 50MB.", "image_too_large")
    kind = sent.content_type.partition(";")[0]
    if kind not in FORMATS.values():
        known = "', '".join(FORMATS.values())
        raise _Wrong(
            f"Invalid file 'image': unsupported mimetype ('{kind}'). Supported file formats are '{known}'.",
            "unsupported_file_mimetype",
        )
    try:
        return await sent.decode()
    except Undecodable:
        text = f"Invalid image file or mode for image {number}, please check your image file."
        raise _Wrong(text, "invalid_image_file") from None


async def _check_mask(record: Request, first: Image.Image) -> None:
    """A mask is a PNG as large as the first picture."""
    mask = next((each for each in record.images if each.field == "mask"), None)
    if mask is None:
        return
    try:
        size = (await mask.decode()).size
    except Undecodable:
        raise _Wrong("Invalid mask image file, please check your image file.", "invalid_image_file", "mask") from None
    if mask.format != "PNG" or size != first.size:
        raise _Wrong("The mask must be a PNG of the size of the first image.", "invalid_mask", "mask")


def _size(form: dict[str, str], first: Image.Image) -> tuple[int, int]:
    """Width and height of the result; without a size, or with "auto", those of the first picture, bounded."""
    text = form.get("size", "auto")
    if text == "auto":
        scale = min(1.0, _LONGEST / max(first.size))
        return max(16, round(first.width * scale)), max(16, round(first.height * scale))
    match = _SIZE.fullmatch(text)
    if match is None:
        raise _Wrong(f"Invalid value: '{text}'. The size must be like 1024x1024 or 'auto'.", "invalid_value", "size")
    return int(match[1]), int(match[2])


def _drawn(sources: list[Image.Image], wanted: Stored) -> bytes:
    prompt = without_words(wanted.prompt)
    picture = pictures.edited(sources, prompt, width=wanted.width, height=wanted.height, index=wanted.index)
    return pictures.encode(picture, kind=wanted.kind.upper())
