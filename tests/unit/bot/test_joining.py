"""Requests with the bot's own token, which all processes share."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bot.joining import SharedPace
from bot.kit import own_token
from bot.kit.own_token import BURST, LATE_SECONDS, REQUESTS_PER_SECOND, OwnToken
from bot.store.opening import open_database

if TYPE_CHECKING:
    from aiohttp import TraceConfig

DISCORD = 50


def fullest(times: list[float], seconds: float) -> int:
    return max(sum(first <= at < first + seconds for at in times) for first in times)


def test_however_late_turns_are_used_discords_limit_is_kept() -> None:
    assert REQUESTS_PER_SECOND * (1 + LATE_SECONDS) + BURST < DISCORD


async def test_two_processes_have_their_turns_in_one_line(postgresql_url: str) -> None:
    async with open_database(postgresql_url) as one, open_database(postgresql_url) as other:
        paces = [SharedPace(one), SharedPace(other)]
        began = time.monotonic()
        dues = await asyncio.gather(*(paces[number % 2](0.0) for number in range(80)))
    assert min(dues) >= began - 0.01, "none is over already"
    assert fullest(dues, 1.0) < DISCORD
    assert max(dues) - began > (80 - BURST - 1) / REQUESTS_PER_SECOND


async def test_a_turn_may_be_asked_for_that_is_not_yet(postgresql_url: str) -> None:
    async with open_database(postgresql_url) as database:
        pace = SharedPace(database)
        began = time.monotonic()
        assert await pace(0.5) >= began + 0.49
        assert await pace(0.0) >= began + 0.49, "the line goes on behind it"


class Turns:
    """Turns that are `over` so many seconds ago when they come, one after the other; then they are now."""

    def __init__(self, *over: float) -> None:
        self.over = list(over)
        self.ahead: list[float] = []

    async def __call__(self, ahead: float) -> float:
        self.ahead.append(ahead)
        return time.monotonic() - (self.over.pop(0) if self.over else 0.0)


async def sent(turns: Turns) -> None:
    """A request with the token waits for its turn."""
    own = OwnToken(shared=turns)
    trace: TraceConfig = own_token.aiohttp.TraceConfig()
    own.pace(trace)
    trace.freeze()
    headers = own_token.aiohttp.TraceRequestStartParams("GET", "http://x", {"Authorization": "Bot x"})  # pyright: ignore[reportArgumentType] - all that is read of them
    await trace.on_request_start.send(None, None, headers)  # pyright: ignore[reportArgumentType] - likewise


async def test_a_turn_that_is_long_over_is_another_one() -> None:
    turns = Turns(0.3, 0.2)
    await sent(turns)
    assert len(turns.ahead) == 3
    assert [round(ahead, 1) for ahead in turns.ahead] == [0.0, 0.6, 0.4], "so late it may be again"


async def test_who_is_always_late_goes_all_the_same() -> None:
    turns = Turns(*[1.0] * 100)
    await sent(turns)
    assert len(turns.ahead) == own_token.TRIES
