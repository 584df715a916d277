"""What the account holds: the shapes that gateways send, and the many that have no such thing."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.api.billing import Balance
from bot.api.client import OneKeyClient
from bot.errors import Unreachable
from sandbox.onekey import OneKeyServer, Plan
from tests.unit.service import KEY, Drop, Reply, Service

LIMIT = Reply({"object": "billing_subscription", "soft_limit_usd": 20, "hard_limit_usd": 20, "access_until": 0})
USED = Reply({"object": "list", "total_usage": 766.5})
PAGE = Reply(b"<html>", content_type="text/html")
ABSENT = Reply({"error": {"message": "no such thing"}}, status=404)


async def test_limit_and_usage(service: Service, client: OneKeyClient) -> None:
    service.say(LIMIT, USED)
    balance = await client.balance()
    assert balance is not None
    assert balance == Balance(20.0, 7.665)
    assert balance.left == pytest.approx(12.335)
    assert service.paths == ["/v1/dashboard/billing/subscription", "/v1/dashboard/billing/usage"]
    assert {one.headers["Authorization"] for one in service.seen} == {f"Bearer {KEY}"}


async def test_a_key_without_a_limit(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"hard_limit_usd": 100_000_000}), USED)
    balance = await client.balance()
    assert balance is not None
    assert (balance.total, balance.left, balance.used) == (None, None, 7.665)


async def test_in_debt(service: Service, client: OneKeyClient) -> None:
    service.say(Reply({"hard_limit_usd": 5}), USED)
    balance = await client.balance()
    assert balance is not None
    assert balance.left == pytest.approx(-2.665)


@pytest.mark.parametrize(
    "under_v1",
    [PAGE, ABSENT, Reply(b"", status=405), Reply({"success": False}), Reply(b"garbage"), Reply([]), Reply({"a": 1})],
)
async def test_beside_v1(service: Service, client: OneKeyClient, under_v1: Reply) -> None:
    service.say(under_v1, LIMIT, USED)
    assert await client.balance() == Balance(20.0, 7.665)
    assert service.paths[1:] == ["/dashboard/billing/subscription", "/dashboard/billing/usage"]


@pytest.mark.parametrize(
    "reply",
    [
        PAGE,
        ABSENT,
        Reply(b"<html>", status=404, content_type="text/html"),
        Reply({"error": {"message": "Invalid URL (GET /v1/dashboard/billing/subscription)"}}, status=404),
        Reply({"error": {"message": "Invalid token"}}, status=401),
        Reply({"error": {"message": "must be made with a session key"}}, status=403),
        Reply({"success": False, "message": "not enabled"}),
        Reply({"error": {"message": "the quota can't be had", "type": "one_api_error"}}),
        Reply({"hard_limit_usd": None, "total_usage": None}),
        Reply({"hard_limit_usd": "much", "total_usage": "little"}),
        Reply({"hard_limit_usd": True, "total_usage": True}),
        Reply({"hard_limit_usd": 20}),
        Reply({"total_usage": 3}),
    ],
)
async def test_not_told(service: Service, client: OneKeyClient, reply: Reply) -> None:
    service.say(reply)
    assert await client.balance() is None


@pytest.mark.parametrize("script", [Reply(b"", status=502), Drop()])
async def test_an_outage_is_no_answer(service: Service, client: OneKeyClient, script: Any) -> None:
    service.say(script)
    with pytest.raises(Unreachable):
        await client.balance()
    assert set(service.paths) == {"/v1/dashboard/billing/subscription"}


@pytest.mark.parametrize(
    ("shape", "balance"),
    [
        ("document", Balance(20.0, 7.66)),
        ("unlimited", Balance(None, 7.66)),
        ("at_root", Balance(20.0, 7.66)),
        ("untold", None),
        ("absent", None),
        ("no_usage", None),
    ],
)
async def test_the_sandbox_s_shapes(session: aiohttp.ClientSession, shape: str, balance: Balance | None) -> None:
    async with OneKeyServer(key=KEY) as server:
        server.next("billing", times=20, shape=shape)
        server.behaviour.money = Plan(shape="absent")
        client = OneKeyClient(session, base_url=server.base_url, api_key=KEY)
        assert await client.balance() == balance
