"""Requests with the bot's own token, which all processes share."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import cast

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from bot.joining import SharedPace
from bot.kit import own_token
from bot.kit.own_token import BURST, LATE_SECONDS, REQUESTS_PER_SECOND, OwnToken
from bot.store.opening import open_database

DISCORD = 50


def fullest(times: list[float], seconds: float) -> int:
    return max(sum(first <= at < first + seconds for at in times) for first in times)


def test_however_late_turns_are_used_discords_limit_is_kept() -> None:
    assert REQUESTS_PER_SECOND * (1 + LATE_SECONDS) + BURST < DISCORD


async def test_two_processes_have_their_turns_in_one_line(postgresql_url: str) -> None:
    async with open_database(postgresql_url) as one, open_database(postgresql_url) as other:
        paces = [SharedPace(one), SharedPace(other)]
        began = time.monotonic()
        dues = await asyncio.gather(*(paces[number % 2](1 / REQUESTS_PER_SECOND) for number in range(80)))
        assert min(dues) >= began - 0.01, "none is over already"
        given_up = asyncio.create_task(paces[0](1 / REQUESTS_PER_SECOND))
        await asyncio.sleep(0)
        given_up.cancel()
        await paces[0](1 / REQUESTS_PER_SECOND)
    assert fullest(dues, 1.0) < DISCORD
    assert max(dues) - began > (80 - BURST - 1) / REQUESTS_PER_SECOND


class Turns:
    """Turns that are `over` so many seconds ago when they come, one after the other; then they are now."""

    def __init__(self, *over: float) -> None:
        self.over = list(over)
        self.rates: list[int] = []
        self.own = OwnToken(shared=self)

    async def __call__(self, interval: float) -> float:
        self.rates.append(round(1 / interval))
        return time.monotonic() - (self.over.pop(0) if self.over else 0.0)

    async def send(self) -> None:
        """A request with the token waits for its turn."""
        trace = aiohttp.TraceConfig()
        self.own.pace(trace)
        trace.freeze()
        starts = aiohttp.TraceRequestStartParams("GET", URL("/"), CIMultiDict(Authorization="Bot x"))
        await trace.on_request_start.send(cast("aiohttp.ClientSession", None), SimpleNamespace(), starts)


async def test_a_turn_that_is_long_over_is_another_one_and_who_is_late_has_fewer() -> None:
    turns = Turns(0.05, 0.6)
    await turns.send()
    assert turns.rates == [40], "it is not much"
    await turns.send()
    assert turns.rates[1:] == [40, 23], "so late it may be again: 44 turns in 1.9 seconds"
    for _ in range(100):
        await turns.send()
    assert turns.rates[-1] == 40, "until it is busy no more"


async def test_who_is_always_late_goes_all_the_same() -> None:
    turns = Turns(*[10.0] * 100)
    await turns.send()
    assert turns.rates == [40, *[15] * (own_token.TRIES - 1)]
