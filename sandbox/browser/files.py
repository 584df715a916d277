"""Files of messages from the page's own address, in ranges: without them a browser can't seek in a clip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.discord.state import State

_SHOWN: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "video/", "audio/")
"""What a browser may show; everything else it may only save: a page or a drawing could carry a script."""


class Files:
    def __init__(self, world: State) -> None:
        self._world = world

    async def serve(self, request: web.Request) -> web.Response:
        number = request.match_info["file"]
        found = self._world.attachments.get(int(number)) if number.isdigit() else None
        if found is None:
            raise web.HTTPNotFound(text="This file is gone.")
        shown = found.content_type.startswith(_SHOWN)
        headers = {
            "Content-Type": found.content_type if shown else "application/octet-stream",
            "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(found.filename)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600, immutable",
            "Accept-Ranges": "bytes",
        }
        try:
            asked = request.http_range
        except ValueError:
            asked = slice(None)  # one that is invalid is as good as none (RFC 9110, 14.2)
        if asked.start is None and asked.stop is None:
            return web.Response(body=found.data, headers=headers)
        start, stop, _ = asked.indices(found.size)
        if start >= stop:
            headers["Content-Range"] = f"bytes */{found.size}"
            return web.Response(status=416, headers=headers)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.size}"
        return web.Response(status=206, body=found.data[start:stop], headers=headers)
