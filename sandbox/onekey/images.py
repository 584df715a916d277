"""POST /images/generations."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import time
from typing import TYPE_CHECKING, Final, cast

from PIL import Image

from . import faults, pictures
from .context import Stored
from .plans import without_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from .books import Books
    from .context import Context
    from .plans import Plan
    from .record import Request

_SIZE: Final = re.compile(r"(\d{2,4})[x*](\d{2,4})")
_LISTED: Final = ("1024x1024", "1024x1536", "1536x1024")
_MOST: Final = 10
_FORMATS: Final = {
    "avif": ("AVIF", "RGB"),
    "tiff": ("TIFF", "RGB"),
    "bmp": ("BMP", "RGB"),
    "cmyk": ("JPEG", "CMYK"),
    "deep": ("PNG", "I;16"),
    "ico": ("ICO", "RGBA"),
    "heic": ("HEIC", "RGB"),
}
"""Pillow's names of the format and the mode."""


class ImagesRoute:
    def __init__(self, context: Context, books: Books) -> None:
        self._context = context
        self._books = books

    async def answer(self, record: Request, plan: Plan) -> web.StreamResponse:
        body = record.json
        prompt, count = body.get("prompt"), body.get("n", 1)
        size = _SIZE.fullmatch(str(body.get("size", "1024x1024")))
        problem = ""
        if not isinstance(prompt, str) or not prompt:
            problem = "field prompt is required"
        elif not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= _MOST:
            problem = f"n must be between 1 and {_MOST}"
        elif size is None:
            problem = "size must be like 1024x1024"
        elif plan.fault == "sizes" and "size" in body and size[0] not in _LISTED:
            problem = f"Invalid size '{size[0]}': it must be one of {', '.join(_LISTED)}."
        if problem or size is None or not isinstance(count, int):
            return faults.answer(faults.error(problem, code="invalid_parameter"), status=400)
        kind = "jpeg" if plan.shape == "jpeg" else "png"
        # The same chance makes the same picture; what is to be avoided makes another one.
        asked = str(prompt) + _chance(body.get("parameters"))
        made = [
            Stored(kind, asked, int(size[1]), int(size[2]), index, file_bytes=plan.file_bytes) for index in range(count)
        ]
        return await self.listed(made, record, str(body["model"]), plan)

    async def listed(self, made: Sequence[Stored], record: Request, model: str, plan: Plan) -> web.StreamResponse:
        """The answer with these pictures, in the plan's shape. They are charged for."""
        number = record.number
        self._books.made(record.call, model, len(made))
        if plan.shape == "null":
            return faults.answer({"created": int(time.time()), "data": None})
        kept = made[:-1] if plan.shape == "fewer" else made
        data = [await self._one(stored, f"{number}-{stored.index}", plan) for stored in kept]
        return faults.answer(_listed(data, plan.shape))

    async def _one(self, stored: Stored, name: str, plan: Plan) -> dict[str, str]:
        """One entry of `data`; `stored` says which picture it is."""
        shape = plan.shape or "url"
        empty = {"url": "", "b64_json": "", "revised_prompt": ""}
        if shape == "empty":
            return empty
        if shape in _FORMATS or shape == "data_lines":
            content = stored.content or await asyncio.to_thread(
                drawn, stored.prompt, stored.width, stored.height, stored.index
            )
            content = await asyncio.to_thread(_in_format, content, shape)
            text = base64.b64encode(content).decode()
            if shape == "data_lines":
                lines = [text[at : at + 76] for at in range(0, len(text), 76)]
                text = "data:image/png;base64," + "\n".join(lines).replace("+", "-").replace("/", "_").rstrip("=")
            return {"b64_json": text}
        if shape == "b64_wrong" and not stored.index:
            entry = {"b64_json": base64.b64encode(faults.HTML.format(title="Not here").encode()).decode()}
        elif shape in {"b64_json", "b64_all_keys", "b64_wrong"} or (shape == "mixed" and stored.index % 2):
            content = stored.content or await asyncio.to_thread(
                drawn, stored.prompt, stored.width, stored.height, stored.index
            )
            entry = {"b64_json": base64.b64encode(content).decode()}
        else:
            name = f"{name}.{stored.kind}"
            self._context.keep(name, stored)
            entry = {"b64_json" if shape == "b64_link" else "url": self._context.url(name, plan)}
        return {**empty, **entry} if shape in {"all_keys", "b64_all_keys"} else entry


def _listed(data: list[dict[str, str]], shape: str) -> dict[str, object]:
    """The answer with these entries, in one of the shapes that are not the document's."""
    links = [entry.get("url", "") for entry in data]
    match shape:
        case "object":
            return {"created": int(time.time()), "data": data[0] if data else None}
        case "images":
            return {"images": links}
        case "dashscope":
            content = [{"type": "image", "image": link} for link in links]
            choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": content}}
            return {"output": {"choices": [choice]}, "usage": {"image_count": len(links)}, "request_id": "r"}
        case "dashscope_old":
            results = [{"orig_prompt": "a prompt", "url": link} for link in links]
            return {"output": {"task_status": "SUCCEEDED", "results": results}, "request_id": "r"}
        case _:
            return {"created": int(time.time()), "data": data}


def _in_format(content: bytes, shape: str) -> bytes:
    """A PNG in another format."""
    if shape not in _FORMATS:
        return content
    form, mode = _FORMATS[shape]
    file = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        grey = picture.convert("L")
        deep = Image.frombytes("I;16", grey.size, b"".join(bytes((value, value)) for value in grey.tobytes()))
        made = deep if mode == "I;16" else picture.convert(mode)
        if form == "HEIC":
            return b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500)
        made.save(file, form, **({"sizes": [made.size]} if form == "ICO" else {}))
    return file.getvalue()


def _chance(parameters: object) -> str:
    if not isinstance(parameters, dict):
        return ""
    said: dict[str, object] = cast("dict[str, object]", parameters)
    return "".join(f" ({name} {said[name]})" for name in ("seed", "negative_prompt") if name in said)


def drawn(prompt: str, width: int, height: int, index: int, kind: str = "PNG") -> bytes:
    """The file of one picture; words for the stand-in are no part of it."""
    return pictures.encode(pictures.draw(without_words(prompt), width=width, height=height, index=index), kind=kind)
