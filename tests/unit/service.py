"""A service on loopback that answers what a test told it to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson
from aiohttp import web


@dataclass
class Reply:
    """One whole answer."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    content_type: str = "application/json"


@dataclass
class Drop:
    """The connection breaks; `after` bytes of an answer that announced more."""

    after: bytes = b""


@dataclass
class Hang:
    """Nothing comes until the test sets `release`."""

    release: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Stream:
    """A chunked body in parts: bytes to send, an event to wait for, or a Drop."""

    parts: Sequence[bytes | asyncio.Event | Drop]
    content_type: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict[str, str])


Script: TypeAlias = Reply | Drop | Hang | Stream


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Service:
    """Answers with its scripts in turn, the last of them again and again."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.seen: list[Seen] = []
        self.lines: list[str] = []
        """The paths and queries as they stood on the wire."""
        self.connections: set[asyncio.BaseTransport] = set()
        self.asked = asyncio.Event()
        self.gone = asyncio.Event()
        self.port = 0
        self.hanging: list[Hang] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    def say(self, *scripts: Script) -> None:
        self.scripts = list(scripts)

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.seen]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        self.connections.add(request.transport)
        raw = await request.content.read()  # of any size, unlike request.read()
        body: Any = raw if request.content_type.startswith("multipart/") else orjson.loads(raw) if raw else None
        self.lines.append(f"{request.method} {request.raw_path}")
        self.seen.append(Seen(request.method, request.path_qs, dict(request.headers), body))
        self.asked.set()
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        match script:
            case Reply():
                content = script.body if isinstance(script.body, bytes) else orjson.dumps(script.body)
                headers = {"Content-Type": script.content_type, **script.headers}
                return web.Response(body=content, status=script.status, headers=headers)
            case Drop():
                request.transport.write(script.after)  # pyright: ignore[reportAttributeAccessIssue] - it is a write transport
                request.transport.close()
                return web.Response()
            case Hang():
                self.hanging.append(script)
                await script.release.wait()
                return web.Response()
            case Stream():
                return await self._stream(request, script)

    async def _stream(self, request: web.BaseRequest, script: Stream) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": script.content_type, **script.headers})
        await response.prepare(request)
        try:
            for part in script.parts:
                if isinstance(part, bytes):
                    await response.write(part)
                elif isinstance(part, asyncio.Event):
                    await part.wait()
                else:
                    assert request.transport is not None
                    request.transport.close()
                    return response
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            self.gone.set()
            raise
        return response


def free_port() -> int:
    """Of which nothing is known but that nobody listens there now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@asynccontextmanager
async def serve(service: Service, *, port: int = 0) -> AsyncGenerator[Service]:
    """`service` on 127.0.0.1, on a free port unless one is given. A handler is cancelled when its client goes away."""
    runner = web.ServerRunner(web.Server(service.handle, handler_cancellation=True), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    service.port = runner.addresses[0][1]
    try:
        yield service
    finally:
        for hang in service.hanging:
            hang.release.set()
        await runner.cleanup()


def data(block: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + orjson.dumps(block) + b"\n\n"


def delta(**fields: Any) -> bytes:
    return data({"choices": [{"index": 0, "delta": fields, "finish_reason": None}]})


def finish(reason: str | int = "stop") -> bytes:
    return data({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})


KEY = "sk-very-secret-0123456789"
DONE = b"data: [DONE]\n\n"
