"""A channel's permits: nobody runs into a 429, first and last words go first, and nothing waits longer than it must."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.kit import channel_limits
from bot.kit.channel_limits import ChannelLimits
from sandbox.discord.limits import Limit, Limits, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WINDOW = 0.5
CHANNEL = 77


class Discord:
    """5 posts and 5 edits in half a second, counted from when they were sent: how long a busy machine takes to hand
    them on is no part of it. `late`: seconds that a request of such a name needs on its way.
    """

    def __init__(self) -> None:
        self.sent: dict[str, float] = {}
        self.late: dict[str, float] = {}
        self.sent_at = 0.0
        self.limits = Limits(clock=lambda: self.sent_at)
        self.limits.groups |= {
            "message.post": Limit(5, WINDOW, "message-post"),
            "message.patch": Limit(5, WINDOW, "message-patch"),
        }
        self.came: list[tuple[str, float]] = []
        self.refused = 0

    async def starts(self, session: object, context: object, starts: aiohttp.TraceRequestStartParams) -> None:
        del session, context
        self.sent[starts.url.query["who"]] = time.monotonic()

    async def answer(self, request: web.Request) -> web.Response:
        who = request.query["who"]
        await asyncio.sleep(self.late.get(who, 0.0))
        self.sent_at = self.sent[who] + self.late.get(who, 0.0)
        group = "message.post" if request.method == "POST" else "message.patch"
        verdict = self.limits.take(group, request.match_info["channel"], None)
        if verdict.retry_after is not None:
            self.refused += 1
            return web.Response(status=429, headers=verdict.headers | refusal(verdict.retry_after, is_global=False)[1])
        self.came.append((who, self.sent_at))
        await asyncio.sleep(0.02)
        return web.Response(headers=verdict.headers)


@pytest.fixture
def discord() -> Discord:
    return Discord()


@pytest.fixture
def limits() -> ChannelLimits:
    return ChannelLimits()


@pytest.fixture
async def session(discord: Discord, limits: ChannelLimits) -> AsyncIterator[aiohttp.ClientSession]:
    app = web.Application()
    app.router.add_post("/channels/{channel}/messages", discord.answer)
    app.router.add_patch("/channels/{channel}/messages/{message}", discord.answer)
    trace = aiohttp.TraceConfig()
    limits.watch(trace)
    trace.on_request_start.append(discord.starts)
    async with (
        TestServer(app, host="127.0.0.1") as server,
        aiohttp.ClientSession(server.make_url("/"), trace_configs=[trace]) as session,
    ):
        yield session


async def post(session: aiohttp.ClientSession, who: str, *, channel: int = CHANNEL) -> None:
    async with session.post(f"/channels/{channel}/messages", params={"who": who}):
        pass


async def edit(session: aiohttp.ClientSession, who: str) -> None:
    async with session.patch(f"/channels/{CHANNEL}/messages/1", params={"who": who}):
        pass


async def test_thirty_at_once_come_five_by_five_in_their_order(
    discord: Discord, limits: ChannelLimits, session: aiohttp.ClientSession
) -> None:
    async def one(number: int) -> None:
        async with limits.permit(CHANNEL, posts=True) as mine:
            assert mine
            await post(session, str(number))

    began = time.monotonic()
    await asyncio.gather(*map(one, range(30)))
    assert discord.refused == 0
    order = [int(who) for who, _ in discord.came]
    assert [who // 5 for who in order] == [number // 5 for number in range(30)]
    for number, (_, at) in enumerate(discord.came):
        assert at - began <= WINDOW * (number // 5 + 0.9), "it waited a window too long"


async def test_what_matters_goes_first(discord: Discord, limits: ChannelLimits, session: aiohttp.ClientSession) -> None:
    for number in range(5):
        async with limits.permit(CHANNEL, posts=True):
            await post(session, f"before {number}")

    async def one(who: str, rank: int) -> None:
        async with limits.permit(CHANNEL, posts=True, rank=rank):
            await post(session, who)

    await asyncio.gather(*(one(f"goes on {number}", 1) for number in range(5)), one("first words", 0))
    assert {who for who, _ in discord.came[5:10]} == {"first words", *(f"goes on {number}" for number in range(4))}
    assert discord.refused == 0


async def test_what_is_quicker_on_its_way_than_those_before_comes_no_earlier(
    discord: Discord, limits: ChannelLimits, session: aiohttp.ClientSession
) -> None:
    for other in range(1, 11):  # of a busy machine one alone may be slow
        await post(session, "as quick as it gets", channel=CHANNEL + other)

    async def one(who: str) -> None:
        async with limits.permit(CHANNEL, posts=True):
            await post(session, who)

    discord.late = {str(number): 0.05 for number in range(5)}
    await asyncio.gather(*(one(str(number)) for number in range(6)))
    assert discord.refused == 0
    first, sixth = discord.came[10][1], discord.came[-1][1]
    assert WINDOW <= sixth - first < 2 * WINDOW


async def test_what_is_sent_in_the_next_window_is_made_ready_before(
    discord: Discord, limits: ChannelLimits, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = WINDOW / 2  # longer than a busy machine lets anybody wait
    monkeypatch.setattr(channel_limits, "AHEAD", ahead)
    for number in range(5):
        async with limits.permit(CHANNEL, posts=True):
            await post(session, str(number))
    async with limits.permit(CHANNEL, posts=True):
        ready = time.monotonic()
        await post(session, "next")
    began, sent = discord.came[0][1], discord.came[-1][1]
    assert WINDOW - ahead <= ready - began < WINDOW <= sent - began


async def test_one_who_no_longer_waits_leaves_room_for_the_next(
    discord: Discord, limits: ChannelLimits, session: aiohttp.ClientSession
) -> None:
    for _ in range(5):
        async with limits.permit(CHANNEL, posts=False):
            await edit(session, "before")
    over = asyncio.Event()

    async def given_up() -> bool:
        async with limits.permit(CHANNEL, posts=False, unless=over) as mine:
            return mine

    async def last() -> float:
        async with limits.permit(CHANNEL, posts=False):
            await edit(session, "last")
            return time.monotonic()

    waiting = [asyncio.create_task(given_up()) for _ in range(7)]
    await asyncio.sleep(0.05)
    began = time.monotonic()
    final = asyncio.create_task(last())
    over.set()
    assert await asyncio.gather(*waiting) == [False] * 7
    assert await final - began <= WINDOW * 1.9
    assert discord.refused == 0


async def test_each_growing_message_has_its_last_edit_kept(
    limits: ChannelLimits, session: aiohttp.ClientSession
) -> None:
    now = time.monotonic()
    assert limits.spare_at(CHANNEL, edited_at=now) <= now, "of a channel that nothing is known of"
    await edit(session, "first")
    for _ in range(3):
        limits.grows(CHANNEL)
    assert limits.spare_at(CHANNEL, edited_at=time.monotonic()) <= time.monotonic()
    await edit(session, "second")
    # Three are left, and three messages will want one.
    assert limits.spare_at(CHANNEL, edited_at=time.monotonic()) > time.monotonic()
    # Who has shown nothing for long may take one, but never the last.
    assert limits.spare_at(CHANNEL, edited_at=time.monotonic() - 60) <= time.monotonic()
    await edit(session, "third")
    await edit(session, "fourth")
    assert limits.spare_at(CHANNEL, edited_at=time.monotonic() - 60) > time.monotonic()
    for _ in range(3):
        limits.grew(CHANNEL)
    assert limits.spare_at(CHANNEL, edited_at=time.monotonic()) <= time.monotonic()


async def test_what_others_send_in_the_channel_counts(
    discord: Discord, limits: ChannelLimits, session: aiohttp.ClientSession
) -> None:
    await asyncio.gather(*(post(session, "a card") for _ in range(5)))
    async with limits.permit(CHANNEL, posts=True):
        await post(session, "an answer")
    assert discord.refused == 0
