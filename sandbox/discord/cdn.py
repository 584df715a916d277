"""Attachments by their address, as Discord's CDN serves them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.discord.state import State

GONE = "This content is no longer available."


class Cdn:
    def __init__(self, state: State) -> None:
        self.state = state

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """An attachment; 404 for an unknown one and for a signature that is wrong or past its end, as on Discord."""
        found = self.state.attachments.get(int(request.match_info["attachment"]))
        if found is None or found.filename != request.match_info["name"]:
            return web.Response(status=404, text=GONE)
        try:
            fresh = int(request.query.get("ex", ""), 16) > time.time()
        except ValueError:
            fresh = False
        if not fresh or request.query.get("hm") != f"{found.id:x}":
            return web.Response(status=404, text=GONE)
        response = web.Response(body=found.data)
        response.headers["Content-Type"] = found.content_type
        return response
