"""The way of every REST request: ban, authorization, limits, faults, latency, then its handler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from sandbox.discord import errors, uploads
from sandbox.discord.limits import refusal
from sandbox.discord.uploads import Body

if TYPE_CHECKING:
    from sandbox.discord.faults import Fault, Faults
    from sandbox.discord.limits import Limits
    from sandbox.discord.models import JsonValue
    from sandbox.discord.state import State

log = logging.getLogger(__name__)

BANNED = "error code: 1015"
BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>cloudflare</body>\r\n</html>\r\n"


@dataclass(slots=True)
class Latency:
    """How far away the stand-in is, in seconds.

    `rest`: a round trip; a request takes effect after half of it. `gateway`: one way, from event to bot.
    """

    rest: float = 0.0
    gateway: float = 0.0


@dataclass(slots=True)
class Call:
    """One request on its way to its handler. `params` are the path's, `query` the query string's."""

    state: State
    params: dict[str, str]
    query: dict[str, str]
    body: Body

    def id(self, name: str) -> int:
        """A snowflake in the path. Raises: DiscordError 50035 when it is none."""
        text = self.params[name]
        if text.isdigit():
            return int(text)
        raise errors.form_error((f"{name}_id",), "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')

    def flag(self, name: str) -> bool:
        """A boolean of the query string."""
        return self.query.get(name, "").lower() in ("1", "true")


@dataclass(frozen=True, slots=True)
class Answer:
    body: JsonValue = None
    status: int = 200


Handler = Callable[[Call], Awaitable[Answer]]
Listener = Callable[[web.Request, "Body | errors.DiscordError", web.StreamResponse], None]
"""Hears of every request when it is answered."""


@dataclass(frozen=True, slots=True)
class Route:
    """`group`: which limit counts it; `resource`: which path parameters make it a bucket of its own.

    `bot` False: no authorization and no global limit (the interaction routes).
    """

    method: str
    path: str
    handler: Handler
    group: str = "read"
    resource: tuple[str, ...] = ()
    bot: bool = True


@dataclass(slots=True)
class Pipeline:
    state: State
    limits: Limits
    faults: Faults
    latency: Latency = field(default_factory=Latency)
    listeners: list[Listener] = field(default_factory=list[Listener])

    def bind(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """An aiohttp handler for a route."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._run(route, request)

        return handle

    async def _run(self, route: Route, request: web.Request) -> web.StreamResponse:
        half = self.latency.rest / 2
        try:
            body = await uploads.read(request, limit=self.state.rules.request_bytes)
        except errors.DiscordError as error:
            body = error
        if half:
            await asyncio.sleep(half)
        response = await self._answer(route, request, body)
        self.limits.note_answer(response.status, shared=response.headers.get("X-RateLimit-Scope") == "shared")
        for listener in self.listeners:
            listener(request, body, response)
        if half:
            await asyncio.sleep(half)
        return response

    async def _answer(self, route: Route, request: web.Request, body: Body | errors.DiscordError) -> web.StreamResponse:
        if self.limits.banned():
            return web.Response(status=429, text=BANNED, headers={"Retry-After": "600"})
        token: str | None = None
        if route.bot:
            token = request.headers.get("Authorization", "").removeprefix("Bot ")
            if token != self.state.application.token:
                return _json(errors.unauthorized().body, 401)
        params = dict(request.match_info)
        resource = "/".join(params[name] for name in route.resource)
        verdict = self.limits.take(route.group, resource, token)
        if verdict.retry_after is not None:
            text, headers = refusal(verdict.retry_after, is_global=verdict.is_global)
            return _json(text, 429, verdict.headers | headers)
        fault = self.faults.take(request.method, _path(request), route.path) if self.faults.active else None
        if fault is not None and not fault.applied:
            faulty = await self._faulty(fault, request)
            if faulty is not None:
                return faulty
        response = await self._apply(route, Call(self.state, params, dict(request.query), Body()), body)
        response.headers.update(verdict.headers)
        if fault is not None and fault.applied:
            return await self._faulty(fault, request) or response
        return response

    async def _apply(self, route: Route, call: Call, body: Body | errors.DiscordError) -> web.Response:
        if isinstance(body, errors.DiscordError):
            return _json(body.body, body.status)
        call.body = body
        try:
            answer = await route.handler(call)
        except errors.DiscordError as error:
            log.debug("%s %s is refused: %s", route.method, route.path, error)
            return _json(error.body, error.status)
        except Exception:
            # A hole in the stand-in, or a body so wrong that no check foresaw it: Discord says 500 here too.
            log.exception("%s %s failed", route.method, route.path)
            return _json({"message": "500: Internal Server Error", "code": 0}, 500)
        if answer.status == 204:
            return web.Response(status=204)
        return _json(answer.body, answer.status)

    async def _faulty(self, fault: Fault, request: web.Request) -> web.Response | None:
        """What goes wrong; None when the request goes on after all."""
        if fault.kind in ("slow", "hold"):
            await (asyncio.sleep(fault.seconds) if fault.kind == "slow" else fault.released.wait())
            return None
        if fault.kind == "rate_limit":
            return self._limited(fault)
        if fault.kind == "expired_token":
            error = errors.invalid_webhook_token()
            return _json(error.body, error.status)
        if fault.kind == "answer":
            return web.Response(body=fault.body, headers={"Content-Type": fault.content_type})
        if fault.kind == "drop" and request.transport is not None:
            request.transport.abort()
        if fault.status == 502:
            return web.Response(status=502, text=BAD_GATEWAY, content_type="text/html")
        message = f"{fault.status}: {HTTPStatus(fault.status).phrase}"
        return _json({"message": message, "code": fault.code}, fault.status)

    def _limited(self, fault: Fault) -> web.Response:
        if not fault.via:
            return web.Response(status=429, text=BANNED, headers={"Retry-After": str(int(fault.seconds) + 1)})
        body, headers = refusal(fault.seconds, is_global=fault.is_global)
        scope = "global" if fault.is_global else "user"
        headers["X-RateLimit-Scope"] = scope
        if fault.is_global:
            headers["X-RateLimit-Global"] = "true"
        return _json(body, 429, headers)


def _path(request: web.Request) -> str:
    """The path without /api/v10."""
    return "/" + request.path.split("/", 3)[3]


def _json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # Exactly this content type: discord.py compares it, a charset would make it read the body as text.
    made = web.Response(status=status, body=orjson.dumps(body), headers=headers)
    made.headers["Content-Type"] = "application/json"
    return made
