"""Alerts wait for what Discord can't take, leave a refused channel alone, and are noted only when they were told."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, Mock, create_autospec

import discord
import pytest
import pytest_asyncio

from bot.kit.bot import Bot
from bot.orders import ledger
from bot.orders.ledger import Account, Ceiling, Order
from bot.settings import Place, changes
from bot.settings.changes import Change
from cogs.usage import alerted_rows as alerted
from cogs.usage import pool_alerts as of_pool_alerts
from cogs.usage.pool_alerts import PoolAlerts
from tests.unit.ordering import environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

    from discord import ui

    from bot.store.database import Database

GUILD, CHANNEL, ALERTS, LOG = 9, 20, 77, 78
NOW = 1_798_761_600.0
HERE = Place(CHANNEL, guild_id=GUILD)


class Clock:
    """Stands in for the module `time`: the day does not change under a test, and waits end when it goes on."""

    def __init__(self) -> None:
        self.passed = 0.0

    def time(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() + self.passed


class Stand:
    """Pool alerts whose channels are stand-ins; what they can't take, `refusals` says by channel."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.sent: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self.tried: asyncio.Queue[int] = asyncio.Queue()
        self.refusals: dict[int, Exception] = {}
        self.guild = create_autospec(discord.Guild, instance=True)
        self.guild.get_channel_or_thread.side_effect = self._channel
        self.bot = create_autospec(Bot, instance=True)
        self.bot.get_guild.return_value = self.guild
        self.alerts = PoolAlerts(self.bot, database, environment_of(folder))

    def _channel(self, channel_id: int) -> Mock:
        async def send(*, view: ui.LayoutView, **_rest: Any) -> None:
            self.tried.put_nowait(channel_id)
            if channel_id in self.refusals:
                raise self.refusals[channel_id]
            self.sent.put_nowait((channel_id, "".join(str(part["content"]) for part in view.to_components())))

        channel = create_autospec(discord.TextChannel, instance=True)
        channel.send = AsyncMock(side_effect=send)
        return channel

    async def set(self, *wanted: Change) -> None:
        await self.database.run(changes.make, wanted, by=1, now=NOW, guild_id=GUILD)

    async def reserve(self, price: int) -> int:
        order = Order(guild_id=GUILD, channel_id=CHANNEL, person_id=1, kind="ask", model="m", price=price)
        pool = Ceiling(Account.at("server", GUILD, "month", NOW), 20)
        return await self.database.run(ledger.reserve, order, pools=[pool], share=None, now=NOW)

    async def spend(self, price: int) -> None:
        made = await self.reserve(price)
        await self.database.run(ledger.settle, made, pools=price, person=0, now=NOW)
        self.alerts.note(HERE)

    async def untold(self) -> int | None:
        pool = Ceiling(Account.at("server", GUILD, "month", NOW), 20)
        return (await self.database.run(alerted.level, guild_id=GUILD, ceiling=pool, steps=(50, 75, 90, 100))).percent

    async def told(self) -> tuple[int, str]:
        """The channel and the first line of the next message, once it is noted as told."""
        async with asyncio.timeout(5):
            channel, said = await self.sent.get()
            while await self.untold() is not None:  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.005)
        return channel, said.splitlines()[0]

    async def tries(self) -> int:
        async with asyncio.timeout(5):
            return await self.tried.get()


def refused(kind: type[discord.HTTPException], status: int) -> Exception:
    return kind(Mock(status=status, reason="No"), "no")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(of_pool_alerts, "time", clock)
    monkeypatch.setattr(of_pool_alerts, "LOOK_WAITS", (0.01,))
    return clock


@pytest_asyncio.fixture
async def stand(database: Database, tmp_path: Path, clock: Clock) -> AsyncIterator[Stand]:
    del clock
    stand = Stand(database, tmp_path)
    await stand.set(
        Change("server", GUILD, "server_pool", "20/month"), Change("server", GUILD, "alert_channel", ALERTS)
    )
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


async def test_what_was_left_untold_is_told_at_the_start_without_an_order(stand: Stand) -> None:
    await stand.spend(15)
    fresh = Stand(stand.database, stand.alerts._environment.data_dir)  # pyright: ignore[reportPrivateUsage] - the same settings
    async with running(fresh):
        assert await fresh.told() == (ALERTS, "**75 % of the server's credits are used:** 15 of 20 this month.")


async def test_what_is_settled_after_the_look_is_told_without_another_order(stand: Stand) -> None:
    async with running(stand):
        made = await stand.reserve(10)
        stand.alerts.note(HERE)
        await asyncio.sleep(0.05)
        assert stand.tried.empty()
        await stand.database.run(ledger.settle, made, pools=10, person=10, now=NOW)
        assert (await stand.told())[1].startswith("**50 %")


@pytest.mark.parametrize("error", [refused(discord.Forbidden, 403), refused(discord.NotFound, 404)])
async def test_a_refused_channel_is_left_alone_for_an_hour_then_told(
    stand: Stand, clock: Clock, error: Exception
) -> None:
    stand.refusals[ALERTS] = error
    async with running(stand):
        await stand.spend(10)
        assert await stand.tries() == ALERTS
        for _ in range(5):
            await stand.spend(1)
            await asyncio.sleep(0.02)
        assert stand.tried.empty()
        del stand.refusals[ALERTS]
        clock.passed = 3600.0
        stand.alerts.note(HERE)
        assert await stand.told() == (ALERTS, "**75 % of the server's credits are used:** 15 of 20 this month.")
    assert stand.sent.empty()


async def test_a_failing_channel_is_tried_again_more_and_more_seldom(stand: Stand, clock: Clock) -> None:
    await stand.set(Change("server", GUILD, "log_channel", LOG))
    stand.refusals[ALERTS] = refused(discord.DiscordServerError, 503)
    async with running(stand):
        await stand.spend(10)
        for wait in (1.0, 10.0, 60.0, 600.0, 3600.0, 3600.0):
            assert await stand.tries() == ALERTS
            await asyncio.sleep(0.02)
            stand.alerts.note(HERE)
            await asyncio.sleep(0.02)
            assert stand.tried.empty()
            clock.passed += wait
            stand.alerts.note(HERE)
        assert await stand.tries() == ALERTS
        # It may pass: nothing is told elsewhere.
        assert stand.sent.empty()
        assert await stand.untold() == 50


async def test_the_log_channel_is_told_in_the_place_of_one_that_is_refused(stand: Stand) -> None:
    await stand.set(Change("server", GUILD, "log_channel", LOG))
    stand.refusals[ALERTS] = refused(discord.Forbidden, 403)
    async with running(stand):
        await stand.spend(10)
        assert (await stand.told())[0] == LOG
        await stand.spend(5)
        assert (await stand.told())[0] == LOG
    assert [stand.tried.get_nowait() for _ in range(stand.tried.qsize())] == [ALERTS, LOG, LOG]


async def test_many_orders_at_once_are_told_of_once(stand: Stand) -> None:
    async with running(stand):
        for _ in range(10):
            await stand.spend(1)
            for channel in range(5):
                stand.alerts.note(Place(CHANNEL + channel, guild_id=GUILD))
        assert (await stand.told())[1].startswith("**50 %")
        await asyncio.sleep(0.1)
    assert stand.sent.empty()


async def test_a_server_that_is_not_there_is_told_when_it_is(stand: Stand, clock: Clock) -> None:
    stand.bot.get_guild.return_value = None
    async with running(stand):
        await stand.spend(20)
        await asyncio.sleep(0.05)
        stand.bot.get_guild.return_value = stand.guild
        clock.passed = 3600.0
        stand.alerts.note(HERE)
        assert (await stand.told())[1].startswith("**The server's credits are used up")
