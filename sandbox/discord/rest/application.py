"""All routes together, under /api/v10 and /api/v9, with the gateway and the CDN beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.pipeline import Answer, Call, Pipeline, Route
from sandbox.discord.rest import accounts, channels, commands, interactions, messages, pins, threads

if TYPE_CHECKING:
    from sandbox.discord.cdn import Cdn
    from sandbox.discord.gateway import Gateway

VERSIONS = ("/api/v10", "/api/v9")


def build(pipeline: Pipeline, gateway: Gateway, cdn: Cdn) -> web.Application:
    """The whole web application."""

    async def address(_: Call) -> Answer:
        return Answer({"url": gateway.url})

    async def address_for_bots(_: Call) -> Answer:
        left = 1000 - gateway.identifies
        limit = {"total": 1000, "remaining": max(left, 0), "reset_after": 86_400_000, "max_concurrency": 16}
        return Answer({"url": gateway.url, "shards": 1, "session_start_limit": limit})

    async def nothing_here(_: Call) -> Answer:
        raise errors.not_found()

    routes = (
        *accounts.ROUTES,
        *commands.ROUTES,
        *pins.ROUTES,
        *messages.ROUTES,
        *channels.ROUTES,
        *threads.ROUTES,
        *interactions.ROUTES,
        Route("GET", "/gateway", address, "gateway"),
        Route("GET", "/gateway/bot", address_for_bots, "gateway"),
    )
    # The body is read, and its size checked, in `uploads`.
    app = web.Application(client_max_size=0)
    for version in VERSIONS:
        for route in routes:
            app.router.add_route(route.method, version + route.path, pipeline.bind(route))
        rest = Route("*", "/{rest}", nothing_here, bot=False)
        app.router.add_route("*", version + "/{rest:.*}", pipeline.bind(rest))
    app.router.add_get("/gateway", gateway.handle)
    app.router.add_get("/gateway/", gateway.handle)
    for kind in ("attachments", "ephemeral-attachments"):
        app.router.add_get(f"/{kind}/{{channel:\\d+}}/{{attachment:\\d+}}/{{name}}", cdn.serve)
    return app
