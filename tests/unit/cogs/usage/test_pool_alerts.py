"""Alerts wait for what Discord can't take, and are forgotten only when they were told."""

from __future__ import annotations

import asyncio
import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, Mock

import discord
import pytest
import pytest_asyncio

from bot.kit import moderator_channels
from bot.kit.bot import Bot, Share
from bot.kit.own_token import OwnToken
from bot.kit.posting import Posting
from bot.orders import ledger
from bot.orders.ledger import Account, Ceiling, Order
from bot.settings import changes
from bot.settings.changes import Change
from cogs.usage import pool_alerts as of_pool_alerts
from cogs.usage.alert_rows import alerts
from cogs.usage.pool_alerts import PoolAlerts
from tests.unit.discord_objects import like
from tests.words import en, zh

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from discord import ui

    from bot.store.database import Database

GUILD, CHANNEL, ALERTS, LOG = 9, 20, 77, 78
NOW = 1_798_761_600.0


class Stand:
    """Pool alerts whose channels are stand-ins; what they can't take, `refusals` says by channel."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sent: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self.tried: asyncio.Queue[int] = asyncio.Queue()
        self.refusals: dict[int, Exception] = {}
        guild = like(discord.Guild, "get_channel_or_thread")
        guild.get_channel_or_thread.return_value = like(discord.TextChannel)
        bot = like(Bot, "get_guild", "get_partial_messageable")
        bot.share = Share()
        bot.get_guild.return_value = guild
        bot.get_partial_messageable.side_effect = self._channel
        self.alerts = PoolAlerts(bot, database, Posting(bot, OwnToken()))

    def _channel(self, channel_id: int) -> Mock:
        async def send(*, view: ui.LayoutView, **_rest: Any) -> Mock:
            self.tried.put_nowait(channel_id)
            if channel_id in self.refusals:
                raise self.refusals[channel_id]
            self.sent.put_nowait((channel_id, "".join(str(part["content"]) for part in view.to_components())))
            return Mock(id=1)

        channel = Mock()
        channel.send = AsyncMock(side_effect=send)
        return channel

    async def set(self, *wanted: Change) -> None:
        await self.database.run(changes.make, wanted, by=1, now=NOW, guild_id=GUILD)

    async def spend(self, price: int) -> None:
        order = Order(guild_id=GUILD, channel_id=CHANNEL, person_id=1, kind="ask", model="m", price=price)
        pool = Ceiling(Account.at("server", GUILD, "month", NOW), 20)
        made = await self.database.run(ledger.reserve, order, pools=[pool], share=None, now=NOW)
        await self.database.run(ledger.settle, made, pools=price, person=0, now=NOW)

    async def told(self) -> tuple[int, str, str]:
        """The channel, the first line and the last of the next message, once it is no longer due."""
        async with asyncio.timeout(5):
            channel, said = await self.sent.get()
            while await self.database.run(alerts, now=NOW):  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.005)
        return channel, said.splitlines()[0], said.splitlines()[-1]

    async def tries(self) -> int:
        async with asyncio.timeout(5):
            return await self.tried.get()


@pytest_asyncio.fixture
async def stand(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    # The month does not change under a test.
    monkeypatch.setattr(of_pool_alerts, "time", SimpleNamespace(time=lambda: NOW))
    monkeypatch.setattr(of_pool_alerts, "LOOK_SECONDS", 0.01)
    stand = Stand(database)
    await stand.set(Change("server", GUILD, "alert_channel", ALERTS))
    yield stand


@contextlib.asynccontextmanager
async def running(stand: Stand) -> AsyncGenerator[None]:
    task = asyncio.create_task(stand.alerts.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_what_is_reached_is_told_once_by_this_process_or_the_next(stand: Stand) -> None:
    await stand.spend(10)
    async with running(stand):
        assert (await stand.told())[:2] == (
            ALERTS,
            en("pool.server_reached", percent="50", used="10", limit="20", period="this month"),
        )
        await stand.spend(1)
        await asyncio.sleep(0.05)
    await stand.spend(4)
    after = Stand(stand.database)
    async with running(after):
        assert (await after.told())[:2] == (
            ALERTS,
            en("pool.server_reached", percent="75", used="15", limit="20", period="this month"),
        )
    assert (stand.sent.qsize(), after.sent.qsize()) == (0, 0)


async def test_what_may_pass_is_tried_again_and_told_nowhere_else(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderator_channels, "WAITS", (0.03,))
    await stand.set(Change("server", GUILD, "log_channel", LOG))
    stand.refusals[ALERTS] = discord.DiscordServerError(Mock(status=503, reason="No"), "no")
    async with running(stand):
        await stand.spend(10)
        for _ in range(3):
            assert await stand.tries() == ALERTS
        assert len(await stand.database.run(alerts, now=NOW)) == 1
        # What is reached meanwhile is told in its place, but for a try that is under way just now.
        await stand.spend(5)
        stand.refusals.clear()
        told = (await stand.told())[1]
        if "50 %" in told:
            told = (await stand.told())[1]
        assert "75 %" in told
    assert stand.sent.empty()


@pytest.mark.parametrize(("language", "said"), [("en", en), ("zh_CN", zh)])
async def test_the_log_channel_is_told_in_the_place_of_one_that_is_closed(
    stand: Stand, language: str, said: Callable[..., str]
) -> None:
    await stand.set(Change("server", GUILD, "log_channel", LOG), Change("server", GUILD, "language", language))
    stand.refusals[ALERTS] = discord.Forbidden(Mock(status=403, reason="No"), "no")
    async with running(stand):
        await stand.spend(10)
        channel, first, last = await stand.told()
        half = said("pool.server_reached", percent="50", used="10", limit="20", period=said("pool.this_month"))
        assert (channel, first, last) == (LOG, half, f"-# {said('pool.instead', channel=f'<#{ALERTS}>')}")
        await stand.spend(5)
        assert (await stand.told())[0] == LOG
    assert [stand.tried.get_nowait() for _ in range(stand.tried.qsize())] == [ALERTS, LOG, LOG]


async def test_what_is_told_while_it_is_looked_for_is_not_told_again(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are read before they are forgotten, and come only after that."""
    run, posted, forgotten = stand.database.run, asyncio.Event(), asyncio.Event()

    async def looked(call: Any, /, *args: Any, **options: Any) -> Any:
        found = await run(call, *args, **options)
        if call is alerts and not stand.tried.empty():
            posted.set()
            await forgotten.wait()
            await asyncio.sleep(0.02)
        return found

    async def forget(_: Database, call: Any, alert: object) -> None:
        await posted.wait()
        await run(call, alert)
        forgotten.set()

    await stand.spend(10)
    monkeypatch.setattr(stand.database, "run", looked)
    monkeypatch.setattr(of_pool_alerts, "until_committed", forget)
    async with running(stand), asyncio.timeout(5):
        await forgotten.wait()
        await asyncio.sleep(0.1)
    assert stand.tried.qsize() == 1
