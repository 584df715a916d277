"""The API stand-in's general faults, on every route that has them, and what it says at wrong addresses."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest

from sandbox.onekey import Behaviour, OneKeyServer, Plan, help_text
from sandbox.onekey.names import FAULTS, GENERAL, OUTCOMES, SHAPES, Route

REQUESTS: dict[Route, tuple[str, str, dict[str, Any] | None]] = {
    "chat": ("POST", "/chat/completions", {"model": "deepseek-chat", "messages": [{"role": "user", "content": "Hi"}]}),
    "images": ("POST", "/images/generations", {"model": "wan2.7-image", "prompt": "A fox", "size": "64x64"}),
    "video.submit": ("POST", "/video/generations", {"model": "wan2.7-t2v", "prompt": "A fox"}),
    "models": ("GET", "/models", None),
}
EXPECTED = {
    "401": (401, b"Invalid token"),
    "quota": (403, b'{"error":{"message":"user quota'),
    "quota_flat": (403, b'{"code":"insufficient_user_quota"'),
    "model_not_found": (503, b'"code":"model_not_found"'),
    "denied": (401, b"key_model_access_denied"),
    "budget": (400, b"budget_exceeded"),
    "quota_429": (429, b"insufficient_quota"),
    "no_route": (404, b'{"detail":"Not Found"}'),
    "no_model": (404, b"does not exist"),
    "too_long": (400, b"context_length_exceeded"),
    "no_vision": (400, b"unknown variant `image_url`"),
    "build": (500, b"build_request_failed"),
    "supplier": (502, b"plugin_submit_response_failed"),
    "listed": (400, b'[{"error"'),
    "dirty": (400, b"litellm.BadRequestError"),
    "sensitive": (500, b"sensitive_words_detected"),
    "inspection_200": (200, b"DataInspectionFailed"),
    "inspection_400": (400, b"DataInspectionFailed"),
    "inspection_500": (500, b"DataInspectionFailed"),
    "400": (400, b"invalid_request_error"),
    "429": (429, b"rate_limit_exceeded"),
    "429_plain": (429, b"rate_limit_exceeded"),
    "429_empty": (429, b""),
    "500": (500, b'"code":null'),
    "500_int": (500, b'"code":50013'),
    "413": (413, b"<html>"),
    "502": (502, b"<html>"),
    "503": (503, b"service_unavailable"),
    "chinese": (500, "上游负载已饱和".encode()),
    "fetch_task": (500, b'{"code":"fail_to_fetch_task"'),
    "success_false": (200, b'"success":false'),
    "error_200": (200, b'{"error"'),
    "html": (200, b"<html>"),
    "garbage": (200, b'"choices": [{]'),
    "array": (200, b"[]"),
}


@pytest.fixture
async def api():
    quick = Plan(first_token=0, words_per_second=5000)
    async with OneKeyServer(key="sk-test", behaviour=Behaviour(chat=quick, images=Plan())) as server:
        yield server


@pytest.fixture
async def session(api: OneKeyServer):
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {api.key}"}) as client:
        yield client


async def send(session: aiohttp.ClientSession, api: OneKeyServer, route: Route):
    method, path, body = REQUESTS[route]
    async with session.request(method, api.base_url + path, json=body) as response:
        return response.status, await response.read(), response.headers


@pytest.mark.parametrize("route", REQUESTS)
@pytest.mark.parametrize("fault", EXPECTED)
async def test_answers(api: OneKeyServer, session: aiohttp.ClientSession, route: Route, fault: str):
    api.next(route, fault=fault, retry_after=7)
    status, body, headers = await send(session, api, route)
    assert status == EXPECTED[fault][0]
    assert EXPECTED[fault][1] in body
    assert ("Retry-After" in headers) == (fault == "429")
    assert headers["X-Oneapi-Request-Id"]
    if fault in {"413", "502", "html"}:
        assert headers["Content-Type"].startswith("text/html")
    assert (await send(session, api, route))[0] == 200, "only the next request was meant"
    assert len(api.tasks) == (route == "video.submit"), "nothing was accepted with the fault"


@pytest.mark.parametrize("route", REQUESTS)
async def test_broken_connections(api: OneKeyServer, session: aiohttp.ClientSession, route: Route):
    api.next(route, fault="drop", times=2 if route == "models" else 1)  # aiohttp repeats a lost GET once by itself
    api.next(route, fault="cut")
    api.next(route, fault="hang")
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await send(session, api, route)
    with pytest.raises(aiohttp.ClientPayloadError):
        await send(session, api, route)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await send(session, api, route)
    await api.requests.until(lambda: api.requests[-1].hung_up)
    assert not api.tasks


def test_every_general_fault_is_tested():
    assert set(EXPECTED) | {"drop", "cut", "hang"} == set(GENERAL)


async def test_a_wrong_key_and_no_key(api: OneKeyServer):
    for headers in ({"Authorization": "Bearer sk-other"}, {}):
        async with aiohttp.ClientSession(headers=headers) as session:
            for route in REQUESTS:
                assert (await send(session, api, route))[0] == 401


async def test_an_unknown_model(api: OneKeyServer, session: aiohttp.ClientSession):
    body = {"model": "z", "prompt": "A fox"}
    async with session.post(f"{api.base_url}/images/generations", json=body) as response:
        assert response.status == 503
        assert (await response.json())["error"]["code"] == "model_not_found"


async def test_models(api: OneKeyServer, session: aiohttp.ClientSession):
    _, body, _ = await send(session, api, "models")
    assert [model["id"] for model in orjson.loads(body)["data"]] == list(api.models)
    api.next("models", shape="missing")
    api.next("models", shape="refused")
    assert (await send(session, api, "models"))[0] == 404
    status, body, _ = await send(session, api, "models")
    assert (status, orjson.loads(body)["success"]) == (200, False)


async def test_a_wrong_base_url_meets_a_page(api: OneKeyServer, session: aiohttp.ClientSession):
    root = api.base_url.removesuffix("/v1")
    async with session.get(f"{root}/models") as response:
        assert (response.status, response.content_type) == (200, "text/html")
    async with session.get(f"{api.base_url}/nothing") as response:
        assert response.status == 404
        assert (await response.json())["error"]["message"] == "Invalid URL (GET /v1/nothing)"


async def test_next_waits_its_turn(api: OneKeyServer, session: aiohttp.ClientSession):
    api.next("models", fault="500", after=1, times=2)
    assert [(await send(session, api, "models"))[0] for _ in range(4)] == [200, 500, 500, 200]
    api.next("models", fault="500")
    api.calm()
    assert (await send(session, api, "models"))[0] == 200


async def test_what_nobody_knows_is_refused(api: OneKeyServer):
    with pytest.raises(ValueError, match="data_wrapped"):
        api.next("video.poll", shape="wrapped")
    with pytest.raises(ValueError, match="mid_drop"):
        api.next("chat", fault="teapot")


async def test_delay(api: OneKeyServer, session: aiohttp.ClientSession):
    api.next("models", delay=0.2)
    await send(session, api, "models")
    assert api.requests[-1].ended_at - api.requests[-1].at >= 0.2


async def test_the_log_keeps_what_was_sent(api: OneKeyServer, session: aiohttp.ClientSession):
    await send(session, api, "images")
    request = await api.requests.seen("images")
    assert request.json == REQUESTS["images"][2]
    assert (request.method, request.path, request.key) == ("POST", "/v1/images/generations", "sk-test")
    with pytest.raises(TimeoutError):
        await api.requests.seen("images", 2, timeout=0.05)


def test_the_help_names_everything():
    shown = help_text()
    for names in (*SHAPES.values(), *FAULTS.values(), OUTCOMES):
        for name in names:
            assert name == "document" or f"    {name} " in shown
