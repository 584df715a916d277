"""Result files, as a storage service gives them (no key wanted), and every way in which one can be bad."""

from __future__ import annotations

import asyncio
import functools
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Final

from aiohttp import web

from . import faults
from .clips import clip, padding
from .context import EXACT
from .images import drawn
from .plans import without_words

if TYPE_CHECKING:
    from .context import Context, Stored
    from .plans import Plan

_TYPES: Final = {"png": "image/png", "jpeg": "image/jpeg", "mp4": "video/mp4"}
_BLOCK: Final = 256 * 1024


class FilesRoute:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._picture = functools.lru_cache(maxsize=32)(drawn)

    async def answer(self, request: web.Request, plan: Plan, name: str) -> web.StreamResponse:
        stored = self._context.files.get(name)
        if stored is None:
            return web.Response(
                status=404, text="<Error><Code>NoSuchKey</Code></Error>", content_type="application/xml"
            )
        if plan.shape == "exact" and not request.raw_path.endswith(EXACT):
            text = "<Error><Code>SignatureDoesNotMatch</Code></Error>"
            return web.Response(status=403, text=text, content_type="application/xml")
        return await self.send(request, stored, plan)

    async def send(self, request: web.Request, stored: Stored, plan: Plan) -> web.StreamResponse:
        bad = self._refused(request, plan) or _wrong(plan.fault, _TYPES[stored.kind])
        if bad is not None:
            return bad
        content = await self.content(stored)
        if plan.fault in {"endless", "slow", "stall", "half"}:
            return await _broken(request, content, _TYPES[stored.kind], plan.fault)
        wanted = max(stored.file_bytes, plan.file_bytes)
        if wanted > len(content):
            return await _filled(request, content, _TYPES[stored.kind], wanted)
        return web.Response(body=content, content_type=_TYPES[stored.kind])

    async def content(self, stored: Stored) -> bytes:
        if stored.content:
            return stored.content
        if stored.kind == "mp4":
            return clip(
                without_words(stored.prompt),
                width=stored.width,
                height=stored.height,
                seconds=stored.seconds,
                sound=stored.sound,
            )
        return await asyncio.to_thread(
            self._picture, stored.prompt, stored.width, stored.height, stored.index, stored.kind.upper()
        )

    def _refused(self, request: web.Request, plan: Plan) -> web.StreamResponse | None:
        """The faults that need no file."""
        places = {
            "redirect_private": f"{self._context.other_host}/private",
            "redirect_metadata": "http://169.254.169.254/latest/meta-data/",
            "redirect_file": "file:///etc/hostname",
            "redirect_loop": request.raw_path,
            "redirect": request.raw_path.replace("?", "?direct=1&", 1),
        }
        if plan.fault in places and not (plan.fault == "redirect" and "direct" in request.query):
            return web.Response(status=302, headers={"Location": places[plan.fault]})
        match plan.fault:
            case "403":
                text = "<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"
                return web.Response(status=403, text=text, content_type="application/xml")
            case "404":
                return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
            case _:
                pass
        return None


def _wrong(fault: str, kind: str) -> web.StreamResponse | None:
    """The faults that say `kind` and are something else."""
    match fault:
        case "wrong_type":
            return web.Response(text=faults.HTML.format(title="Not here"), content_type=kind)
        case "other_type":
            return web.Response(body=_archive(), content_type=kind)
        case "empty":
            return web.Response(content_type=kind)
        case _:
            return None


async def _filled(request: web.Request, content: bytes, kind: str, wanted: int) -> web.StreamResponse:
    """The file, filled with zeros that players and viewers skip."""
    response = web.StreamResponse(headers={"Content-Type": kind, "Content-Length": str(wanted)})
    await response.prepare(request)
    head = padding(len(content), wanted) if kind == "video/mp4" else b""
    await response.write(content + head)
    left = wanted - len(content) - len(head)
    zeros = bytes(_BLOCK)
    while left > 0:
        await response.write(zeros[:left])
        left -= _BLOCK
    return response


async def _broken(request: web.Request, content: bytes, kind: str, fault: str) -> web.StreamResponse:
    headers = {"Content-Type": kind}
    if fault != "endless":
        headers["Content-Length"] = str(len(content))
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    if fault == "endless":
        await response.write(content)
        while True:  # ends when the client hangs up: its writes fail or the handler is cancelled
            await response.write(bytes(_BLOCK))
            await asyncio.sleep(0)
    if fault == "slow":
        for at in range(0, len(content), 16):
            await response.write(content[at : at + 16])
            await asyncio.sleep(1)
        return response
    await response.write(content[: len(content) // 2])
    if fault == "stall":
        await faults.hang()
    raise await faults.break_off(request)


def _archive() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "not a picture")
    return buffer.getvalue()
