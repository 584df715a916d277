"""All routes together, with the gateway and the CDN beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord import errors
from sandbox.discord.pipeline import Answer, Call, Pipeline, Route
from sandbox.discord.rest import commands, interactions, lookups, messages, threads

if TYPE_CHECKING:
    from sandbox.discord.cdn import Cdn
    from sandbox.discord.gateway import Gateway

BASE = "/api/v10"


def build(pipeline: Pipeline, gateway: Gateway, cdn: Cdn) -> web.Application:
    """The whole web application."""

    async def address_for_bots(_: Call) -> Answer:
        limit = gateway.session_start_limit
        return Answer({"url": gateway.url, "shards": gateway.shards, "session_start_limit": limit})

    async def nothing_here(_: Call) -> Answer:
        raise errors.not_found()

    routes = (
        *lookups.ROUTES,
        *commands.ROUTES,
        *messages.ROUTES,
        *threads.ROUTES,
        *interactions.ROUTES,
        Route("GET", "/gateway/bot", address_for_bots, "gateway"),
    )
    # The body is read, and its size checked, in `uploads`.
    app = web.Application(client_max_size=0)
    for route in routes:
        app.router.add_route(route.method, BASE + route.path, pipeline.bind(route))
    app.router.add_route("*", BASE + "/{rest:.*}", pipeline.bind(Route("*", "/{rest}", nothing_here, bot=False)))
    app.router.add_get("/gateway", gateway.handle)
    app.router.add_get("/gateway/", gateway.handle)
    for kind in ("attachments", "ephemeral-attachments"):
        app.router.add_get(f"/{kind}/{{channel:\\d+}}/{{attachment:\\d+}}/{{name}}", cdn.serve)
    return app
