"""A websocket over which a window is told things, and says nothing itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_HEARTBEAT: Final = 15.0


async def telling(
    request: web.Request, tell: Callable[[web.WebSocketResponse], Coroutine[None, None, None]]
) -> web.WebSocketResponse:
    """Runs `tell` with the open socket until the window closes it."""
    # Nothing is gained by compressing on one machine, and a window that closes meanwhile leaves that work behind.
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, compress=False)
    await socket.prepare(request)
    task = asyncio.create_task(tell(socket))
    try:
        async for _ in socket:
            pass  # this ends when it closes
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return socket
