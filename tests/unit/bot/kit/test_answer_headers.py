"""What the library makes of answers whose headers are not what it goes by."""

from __future__ import annotations

from typing import Any

import aiohttp
import discord
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from discord.http import Route, json_or_text

from bot.kit.answer_headers import watch

TOLD: dict[str, Any] = {"message": "You are being rate limited.", "retry_after": 0.01, "global": False}
VIA = {"Via": "1.1 google"}


def trace() -> aiohttp.TraceConfig:
    config = aiohttp.TraceConfig()
    watch(config)
    return config


@pytest.mark.parametrize(
    ("body", "headers", "waits"),
    [
        (orjson.dumps(TOLD), {"Content-Type": "application/json"}, True),
        (orjson.dumps(TOLD), {"Content-Type": "application/json"} | VIA, True),
        (orjson.dumps(TOLD), {"Content-Type": "application/json; charset=utf-8"}, True),
        (b"error code: 1015", {"Content-Type": "text/plain"}, False),
        (b"<html>busy</html>", {"Content-Type": "text/html"} | VIA, False),
        (b'{"message": "busy"}', {"Content-Type": "application/json"} | VIA, False),
        (b"{", {"Content-Type": "application/json"} | VIA, False),
    ],
)
async def test_a_429_is_waited_for_that_says_how_long(
    monkeypatch: pytest.MonkeyPatch, body: bytes, headers: dict[str, str], *, waits: bool
) -> None:
    asked = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked > 1:
            return web.Response(status=204)
        return web.Response(status=429, body=body, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with (
        TestServer(app, host="127.0.0.1") as server,
        aiohttp.ClientSession(trace_configs=[trace()]) as session,
    ):
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        webhook = discord.Webhook.partial(1, "token", session=session)
        if waits:
            await webhook.delete_message(5)
        else:
            with pytest.raises(discord.HTTPException) as refused:
                await webhook.delete_message(5)
            assert refused.value.status == 429
    assert asked == (2 if waits else 1)


@pytest.mark.parametrize(
    ("body", "kind", "read"),
    [
        (b'{"id": "5"}', "application/json", {"id": "5"}),
        (b'{"id": "5"}', "application/json; charset=utf-8", {"id": "5"}),
        (b'{"id": "5', "application/json", '{"id": "5'),
        (b"", "application/json", ""),
        (b"<html></html>", "text/html", "<html></html>"),
    ],
)
async def test_json_is_read_where_it_is_json(body: bytes, kind: str, read: object) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": kind})

    app = web.Application()
    app.router.add_get("/", answer)
    async with (
        TestServer(app, host="127.0.0.1") as server,
        aiohttp.ClientSession(trace_configs=[trace()]) as session,
        session.get(server.make_url("/")) as response,
    ):
        assert response.headers["content-type"] in {"application/json", "text/plain", "text/html"}
        assert await json_or_text(response) == read
