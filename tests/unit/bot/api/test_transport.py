from __future__ import annotations

import asyncio
import logging
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.api.chat_request import ChatRequest, Message
from bot.api.client import OneKeyClient
from bot.api.images import ImageRequest, Images
from bot.api.permits import Permit
from bot.api.retries import RetryPolicy, parse_retry_after
from bot.errors import (
    ApiError,
    ConfigurationError,
    Declined,
    InvalidRequest,
    KeyRefused,
    ModelDenied,
    ModelNotFound,
    NotAnApi,
    QuotaExhausted,
    RateLimited,
    Unreachable,
)
from tests.unit.service import KEY, Reply, Service, free_port, serve

REQUEST = ImageRequest("wan2.7-image", "a fox", 1, None)
PICTURE = Reply({"data": [{"url": "https://storage.example/a.png"}]})
QUICK = RetryPolicy(first_wait=0.01, longest_wait=0.02, total_wait=1.0)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": {"message": "Invalid token (request id: x)", "type": "new_api_error", "code": ""}}, KeyRefused),
        (401, {"error": {"message": "该令牌额度已用尽"}}, QuotaExhausted),
        (401, b"", KeyRefused),
        (402, {"error": {"message": "Insufficient Balance"}}, QuotaExhausted),
        (403, {"error": {"message": "…", "code": "insufficient_user_quota"}}, QuotaExhausted),
        (403, {"code": "insufficient_user_quota", "message": "…", "data": None}, QuotaExhausted),
        (403, {"error": {"message": "用户额度不足"}}, QuotaExhausted),
        (403, {"error": {"message": "This token has no access to model X"}}, ModelDenied),
        (403, {"error": {"message": "forbidden"}}, KeyRefused),
        (403, b"<html><title>Attention Required</title>", Unreachable),
        (404, {"error": {"message": "The model `x` does not exist", "code": "model_not_found"}}, ModelNotFound),
        (429, {"error": {"message": "…", "code": "insufficient_quota"}}, QuotaExhausted),
        (400, {"error": {"message": "Model Not Exist", "type": "invalid_request_error"}}, ModelNotFound),
        (400, {"error": {"message": "bad", "code": 1210}}, InvalidRequest),
        (400, {"error": {"message": "bad", "code": None}}, InvalidRequest),
        (400, {"error": "bad"}, InvalidRequest),
        (400, {"code": 400, "msg": "bad"}, InvalidRequest),
        (400, {"success": False, "message": "bad"}, InvalidRequest),
        (400, {"error": {"message": "输入内容包含敏感信息"}}, Declined),
        (400, {"error": {"message": "Your request was rejected as a result of our safety system."}}, Declined),
        (400, {"error": {"message": "x", "type": "content_policy_violation"}}, Declined),
        (400, b"plain words", InvalidRequest),
        (400, b'"a string"', InvalidRequest),
        (413, b"<html>too large", InvalidRequest),
        (500, {"error": {"message": "…", "code": "sensitive_words_detected"}}, Declined),
    ],
)
async def test_errors_of_every_shape(
    service: Service, client: OneKeyClient, status: int, body: Any, kind: type[ApiError]
) -> None:
    content_type = "text/html" if isinstance(body, bytes) and body.startswith(b"<") else "application/json"
    service.say(Reply(body, status=status, content_type=content_type, headers={"X-Oneapi-Request-Id": "r1"}))
    with pytest.raises(ApiError) as caught:
        await client.generate_images(REQUEST, Permit())
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.request_id) == (status, "r1")
    assert len(service.seen) == 1


async def test_the_services_words_and_code_are_kept(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "内容不对", "code": 1210}}, status=400))
    with pytest.raises(InvalidRequest) as caught:
        await client.generate_images(REQUEST, Permit())
    assert (caught.value.detail, caught.value.code) == ("内容不对", "1210")


async def test_the_page_of_a_proxy_is_told_by_its_title(service: Service, client: OneKeyClient) -> None:
    page = b"<html><head><title>403\n Forbidden</title></head><body>x</body></html>"
    service.say(Reply(page, status=403, content_type="text/html"))
    with pytest.raises(Unreachable, match="403 Forbidden"):
        await client.generate_images(REQUEST, Permit())


async def test_a_long_error_is_cut(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "x" * 100_000}}, status=400))
    with pytest.raises(InvalidRequest) as caught:
        await client.generate_images(REQUEST, Permit())
    assert len(str(caught.value)) < 2000


# -- nothing was sent


async def test_connection_refused_is_tried_again_and_then_unreachable(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = OneKeyClient(session, base_url=f"http://127.0.0.1:{free_port()}", api_key=KEY, retries=QUICK)
    told: list[float] = []

    async def on_wait(seconds: float) -> None:
        told.append(seconds)

    with pytest.raises(Unreachable) as caught:
        await client.generate_images(REQUEST, Permit(), on_wait=on_wait)
    assert caught.value.status is None
    assert caught.value.retries == 2
    assert told == []  # only a busy service is worth a person's while
    assert caplog.text.count("next try") == 2


async def test_a_service_that_comes_up_in_between(session: aiohttp.ClientSession) -> None:
    service = Service()
    service.say(PICTURE)
    port = free_port()
    policy = RetryPolicy(connect_tries=5, first_wait=0.05, longest_wait=0.1)
    client = OneKeyClient(session, base_url=f"http://127.0.0.1:{port}", api_key=KEY, retries=policy)
    call = asyncio.create_task(client.generate_images(REQUEST, Permit()))
    await asyncio.sleep(0)
    async with serve(service, port=port):
        assert isinstance(await call, Images)


class NoNames(AbstractResolver):
    """A machine without name resolution."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError(None, f"no address for {host}:{port} in {family!r}")

    async def close(self) -> None:
        pass


async def test_a_name_that_does_not_resolve() -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=NoNames())) as session:
        client = OneKeyClient(session, base_url="https://api.example/v1", api_key=KEY, retries=QUICK)
        with pytest.raises(Unreachable, match=r"api\.example"):
            await client.generate_images(REQUEST, Permit())


# -- waiting


async def test_a_person_is_told_of_each_wait(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "0.2"}), PICTURE)
    told: list[tuple[float, int]] = []

    async def on_wait(seconds: float) -> None:
        told.append((seconds, len(service.seen)))

    started = time.monotonic()
    await client.generate_images(REQUEST, Permit(), on_wait=on_wait)
    assert time.monotonic() - started >= 0.2
    assert told[0][0] >= 0.2
    assert told[1:] == [(0.0, 1)]


async def test_what_telling_raises_changes_nothing(
    service: Service, client: OneKeyClient, caplog: pytest.LogCaptureFixture
) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "0"}), PICTURE)

    async def on_wait(seconds: float) -> None:
        raise RuntimeError(f"Discord is down: {seconds}")

    assert (await client.generate_images(REQUEST, Permit(), on_wait=on_wait)).pictures
    assert "Discord is down" in caplog.text


async def test_a_wait_over_the_budget_is_an_error_at_once(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"error": {"message": "later"}}, status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(RateLimited) as caught:
        await client.generate_images(REQUEST, Permit())
    assert caught.value.retry_after == 3600
    assert len(service.seen) == 1


async def test_tries_are_bounded(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "0"}))
    with pytest.raises(RateLimited) as caught:
        await client.generate_images(REQUEST, Permit())
    assert len(service.seen) == 5
    assert caught.value.retries == 4


async def test_a_429_is_for_everyone(service: Service, client: OneKeyClient) -> None:
    assert client.busy_until <= time.monotonic()
    service.say(Reply(b"", status=429, headers={"Retry-After": "30"}))
    with pytest.raises(RateLimited):
        await client.get_video("a")
    assert 29 < client.busy_until - time.monotonic() <= 30
    # Another call's own 429 names no time, but it knows of the first one's.
    service.say(Reply(b"", status=429))
    with pytest.raises(RateLimited):
        await client.generate_images(REQUEST, Permit())
    assert len(service.seen) == 2


async def test_429_without_a_time_grows_once_per_event(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429))
    results = await asyncio.gather(*(client.get_video("a") for _ in range(20)), return_exceptions=True)
    assert all(isinstance(one, RateLimited) and one.retry_after is None for one in results)
    assert 0 < client.busy_until - time.monotonic() <= 1


async def test_an_absurd_retry_after_does_not_stop_the_polls_for_ever(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"", status=429, headers={"Retry-After": "99999999"}))
    with pytest.raises(RateLimited):
        await client.get_video("a")
    assert client.busy_until - time.monotonic() <= 600


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), (" 0.5 ", 0.5), ("-3", 0), ("7s", 7), ("1700000000", 0)])
def test_retry_after(header: str, seconds: float) -> None:
    assert parse_retry_after(header) == seconds


@pytest.mark.parametrize(("ahead", "low", "high"), [(60, 55, 60), (-60, 0, 0)])
def test_retry_after_as_a_date(ahead: int, low: float, high: float) -> None:
    seconds = parse_retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True))
    assert seconds is not None
    assert low <= seconds <= high


@pytest.mark.parametrize("header", ["", "soon", "inf", "nan", "1e999", "Wed, 99 Foo 2024 00:00:00 GMT"])
def test_retry_after_that_says_nothing(header: str) -> None:
    assert parse_retry_after(header) is None


def test_waits_are_never_shorter_than_asked_and_stay_in_the_budget() -> None:
    policy = RetryPolicy()
    for tries in range(4):
        for floor in (0.0, 5.0, 40.0):
            delay = policy.delay(tries=tries, waited=0.0, floor=floor)
            assert delay is not None
            assert floor <= delay <= 60
    assert policy.delay(tries=0, waited=0.0, floor=61.0) is None
    assert policy.delay(tries=3, waited=50.0, floor=20.0) is None
    assert policy.delay(tries=4, waited=0.0, floor=0.0) is None


# -- the key


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(service: Service, client: OneKeyClient, status: int) -> None:
    async with serve(Service()) as thief:
        thief.say(PICTURE)
        service.say(Reply(b"", status=status, headers={"Location": f"{thief.origin}/v1/images?k=secret"}))
        for call in (client.generate_images(REQUEST, Permit()), client.get_video("a"), client.list_models()):
            with pytest.raises(NotAnApi, match="redirect") as caught:
                await call
            assert thief.origin in str(caught.value)
            assert "secret" not in str(caught.value)
        with pytest.raises(NotAnApi):
            await anext(client.stream_chat(ChatRequest("x", (Message("user", "x"),)), Permit()))
        assert thief.seen == []


@pytest.mark.parametrize("key", ["", "  ", "a b", "sk-\nX-Evil: 1", "ключ"])
async def test_keys_that_can_be_none(session: aiohttp.ClientSession, key: str) -> None:
    with pytest.raises(ConfigurationError, match="ONEKEY_API_KEY"):
        OneKeyClient(session, base_url="https://api.example", api_key=key)


async def test_cookies_are_not_kept(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"data": [{"url": "https://x.example/a"}]}, headers={"Set-Cookie": "a=b"}))
    await client.generate_images(REQUEST, Permit())
    await client.generate_images(REQUEST, Permit())
    assert "Cookie" not in service.seen[1].headers


async def test_an_endless_answer_is_refused(service: Service, client: OneKeyClient) -> None:
    service.say(Reply(b"[" * (5 * 1024 * 1024)))
    with pytest.raises(ApiError, match="more than"):
        await client.list_models()
    service.say(Reply(b"[0" + b",0" * 2_000_000 + b"]"))
    with pytest.raises(ApiError, match="more values"):
        await client.get_video("a")


async def test_origin_and_base_url(session: aiohttp.ClientSession) -> None:
    client = OneKeyClient(session, base_url="https://api.onekeymodel.com/", api_key=KEY)
    assert client.base_url == "https://api.onekeymodel.com/v1"
    assert client.origin == ("https", "api.onekeymodel.com", 443)


async def test_headers_without_number(service: Service, client: OneKeyClient) -> None:
    many = {f"X-Hop-{number}": "a" for number in range(300)}
    service.say(Reply({"data": [{"url": "https://x.example/a"}]}, headers={"X-Policy": "a" * 20_000, **many}))
    assert (await client.generate_images(REQUEST, Permit())).pictures
