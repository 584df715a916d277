from __future__ import annotations

import base64
from typing import Any

import aiohttp
import pytest

from bot.api.client import OneKeyClient, Timeouts
from bot.api.images import ImageRequest, Picture
from bot.errors import (
    ApiError,
    BadAnswer,
    Declined,
    InvalidRequest,
    KeyRefused,
    ModelNotFound,
    NotAnApi,
    QuotaExhausted,
    RateLimited,
    Uncertain,
)
from tests.unit.api.service import KEY, Drop, Hang, Reply, Service

REQUEST = ImageRequest("wan2.7-image", "a fox", 2, "1024x1024")
URL = "https://storage.example/a.png?sig=1"
PNG = b"\x89PNG\r\n\x1a\nrest"
B64 = base64.b64encode(PNG).decode()


async def test_what_is_sent(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"created": 1, "data": [{"url": URL}]}))
    await client.generate_images(REQUEST)
    await client.generate_images(ImageRequest("wan2.7-image", "a fox", 1, None))
    assert (service.seen[0].method, service.seen[0].path) == ("POST", "/v1/images/generations")
    assert service.seen[0].headers["Authorization"] == f"Bearer {KEY}"
    assert service.seen[0].body == {"model": "wan2.7-image", "prompt": "a fox", "n": 2, "size": "1024x1024"}
    assert service.seen[1].body == {"model": "wan2.7-image", "prompt": "a fox", "n": 1}


@pytest.mark.parametrize(
    ("entries", "pictures"),
    [
        ([{"url": URL, "b64_json": "", "revised_prompt": ""}], [Picture(URL, None, None)]),
        ([{"url": "", "b64_json": B64, "revised_prompt": "a red fox"}], [Picture(None, PNG, "a red fox")]),
        ([{"url": None, "b64_json": B64}], [Picture(None, PNG, None)]),
        ([{"b64_json": f"data:image/png;base64,{B64}"}], [Picture(None, PNG, None)]),
        ([{"b64_json": B64.rstrip("=")}], [Picture(None, PNG, None)]),
        ([{"b64_json": B64[:8] + "\n" + B64[8:]}], [Picture(None, PNG, None)]),
        ([{"url": f"data:image/png;base64,{B64}"}], [Picture(None, PNG, None)]),
        ([{"url": URL, "b64_json": "§§§"}], [Picture(URL, None, None)]),  # what can't be decoded is not there
        ([{"url": URL, "b64_json": B64}], [Picture(URL, PNG, None)]),
        ([{"url": URL}, {"url": "", "b64_json": ""}], [Picture(URL, None, None)]),  # fewer than asked for
        ([{"url": URL}, {"b64_json": "A"}], [Picture(URL, None, None)]),
        ([{"url": URL}, None, {"url": URL}], [Picture(URL, None, None)]),
        ([{"url": URL}] * 9, [Picture(URL, None, None)] * 2),  # never more than asked for
        ([{"url": "javascript:alert(1)"}, {"url": URL}], [Picture(URL, None, None)]),
    ],
)
async def test_pictures(service: Service, client: OneKeyClient, entries: list[Any], pictures: list[Picture]) -> None:
    service.say(Reply({"created": 1, "data": entries}))
    assert list((await client.generate_images(REQUEST)).pictures) == pictures


async def test_a_doubled_path_on_the_own_host_is_collapsed(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"data": [{"url": f"{service.origin}/v1/v1/files/a.png"}]}))
    assert (await client.generate_images(REQUEST)).pictures[0].url == f"{service.origin}/v1/files/a.png"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"created": 1, "data": None}, BadAnswer),
        ({"created": 1, "data": []}, BadAnswer),
        ({"created": 1, "data": [{"url": "", "b64_json": "", "revised_prompt": ""}]}, BadAnswer),
        ({"created": 1, "data": [{"b64_json": "§"}]}, BadAnswer),
        ({"created": 1, "data": "soon"}, BadAnswer),
        ({}, BadAnswer),
        (b"garbage", BadAnswer),
        (b"", BadAnswer),
        (b"[1]", BadAnswer),
        ({"error": {"message": "no such size", "type": "invalid_request_error"}}, InvalidRequest),
        ({"error": {"message": "…", "code": "DataInspectionFailed"}}, Declined),
        ({"error": {"message": "upstream died", "type": "upstream_error"}}, Uncertain),
        ({"error": {"message": "busy", "code": 429}}, RateLimited),
        ({"error": {"message": "key", "code": "401"}}, KeyRefused),
        ({"code": "insufficient_user_quota", "message": "…", "data": None}, QuotaExhausted),
    ],
)
async def test_200_without_a_picture(
    service: Service, client: OneKeyClient, body: object, kind: type[ApiError]
) -> None:
    service.say(Reply(body, headers={"X-Oneapi-Request-Id": "r1"}))
    with pytest.raises(kind) as caught:
        await client.generate_images(REQUEST)
    assert caught.value.request_id == "r1"
    assert len(service.seen) == 1


async def test_an_empty_error_beside_pictures_is_none(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "", "code": ""}, "data": [{"url": URL}]}))
    assert (await client.generate_images(REQUEST)).pictures


async def test_a_web_page_with_200(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"<html>", content_type="text/html"))
    with pytest.raises(NotAnApi):
        await client.generate_images(REQUEST)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b"<html><title>502 Bad Gateway</title>", status=502, content_type="text/html"), Uncertain),
        (Reply({"error": {"message": "boom"}}, status=500), Uncertain),
        (Reply(b"", status=503), Uncertain),
        (Reply(b"", status=504), Uncertain),
        (Reply({"error": {"message": "…", "code": "sensitive_words_detected"}}, status=500), Declined),
        (Reply({"error": {"message": "…", "code": "DataInspectionFailed"}}, status=400), Declined),
        (Reply({"error": {"message": "…", "code": "DataInspectionFailed"}}, status=500), Declined),
        (
            Reply({"error": {"message": "No available channel for model X", "code": "model_not_found"}}, status=503),
            ModelNotFound,
        ),
        (Reply({"error": {"message": "当前分组 default 下对于模型 X 无可用渠道"}}, status=503), ModelNotFound),
        (Reply({"error": {"message": "n must be 1"}}, status=400), InvalidRequest),
        (Drop(), Uncertain),
        (Drop(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{"), Uncertain),
        (Drop(b"SSH-2.0-OpenSSH\r\n"), Uncertain),
    ],
)
async def test_sent_once_only(
    service: Service, client: OneKeyClient, reply: Reply | Drop, kind: type[ApiError]
) -> None:
    service.say(reply)
    with pytest.raises(kind):
        await client.generate_images(REQUEST)
    assert len(service.seen) == 1


async def test_a_connection_that_went_stale_is_uncertain_and_not_tried_again(
    service: Service, client: OneKeyClient
) -> None:
    service.say(Reply({"data": [{"url": URL}]}), Drop())
    await client.generate_images(REQUEST)
    with pytest.raises(Uncertain):
        await client.generate_images(REQUEST)
    assert len(service.seen) == 2
    assert len(service.connections) == 1


async def test_again_after_429(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "0"}), Reply({"data": [{"url": URL}]}))
    assert (await client.generate_images(REQUEST)).pictures
    assert len(service.seen) == 2


async def test_no_answer_in_time(service: Service, session: aiohttp.ClientSession) -> None:
    service.say(Hang())
    client = OneKeyClient(session, base_url=service.base_url, api_key=KEY, timeouts=Timeouts(images=0.1))
    with pytest.raises(Uncertain):
        await client.generate_images(REQUEST)
    assert len(service.seen) == 1


def test_a_slow_model_has_the_time_it_needs() -> None:
    assert Timeouts().images >= 240
