"""What is asked with the bot's own token is spaced; the rest is not."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.kit.own_token import BURST, OwnToken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

RATE = 100.0
OWN = {"Authorization": "Bot token"}


class Service:
    """Notes who came when."""

    def __init__(self) -> None:
        self.came: list[tuple[str, float]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.came.append((request.path, time.monotonic()))
        return web.Response()


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def base(service: Service) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{any}", service.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    trace = aiohttp.TraceConfig()
    OwnToken(requests_per_second=RATE).pace(trace)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        yield session


async def get(session: aiohttp.ClientSession, url: str, *, headers: dict[str, str] | None = None) -> None:
    async with session.get(url, headers=headers) as response:
        assert response.status == 200


async def test_own_requests_come_one_by_one(session: aiohttp.ClientSession, base: str, service: Service) -> None:
    began = time.monotonic()
    await asyncio.gather(*(get(session, f"{base}{number}", headers=OWN) for number in range(30)))
    # Those of the burst may overtake each other on their way.
    assert {path for path, _ in service.came} == {f"/{number}" for number in range(30)}
    assert service.came[-1][1] - began >= (28 - BURST) / RATE


async def test_of_idle_time_a_burst_is_made_up_for(session: aiohttp.ClientSession, base: str, service: Service) -> None:
    await get(session, f"{base}first", headers=OWN)
    await asyncio.sleep(0.5)
    began = time.monotonic()
    await asyncio.gather(*(get(session, f"{base}{number}", headers=OWN) for number in range(BURST + 12)))
    assert service.came[-1][1] - began >= 11 / RATE


async def test_requests_by_an_interaction_s_token_wait_for_nobody(
    session: aiohttp.ClientSession, base: str, service: Service
) -> None:
    own = [asyncio.create_task(get(session, f"{base}own", headers=OWN)) for _ in range(50)]
    await asyncio.sleep(0)
    await get(session, f"{base}answer")
    before = sum(path == "/own" for path, _ in service.came)
    assert before < 25
    await asyncio.gather(*own)


async def test_a_waiting_request_that_is_given_up_holds_nobody_up(
    session: aiohttp.ClientSession, base: str, service: Service
) -> None:
    own = [asyncio.create_task(get(session, f"{base}{number}", headers=OWN)) for number in range(10)]
    await asyncio.sleep(0)
    for each in own[2:8]:
        each.cancel()
    await asyncio.wait_for(asyncio.gather(*own, return_exceptions=True), 5)
    assert {path for path, _ in service.came} == {"/0", "/1", "/8", "/9"}


async def test_one_at_a_time_in_a_channel_and_many_channels_at_once() -> None:
    own_token = OwnToken()
    inside: list[int] = []
    let_go = asyncio.Event()

    async def work(channel_id: int) -> None:
        async with own_token.turn(channel_id):
            inside.append(channel_id)
            await let_go.wait()

    tasks = [asyncio.create_task(work(number % 5)) for number in range(20)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert sorted(inside) == [0, 1, 2, 3, 4]
    let_go.set()
    await asyncio.gather(*tasks)
    assert len(inside) == 20
