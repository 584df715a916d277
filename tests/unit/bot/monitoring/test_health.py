"""/readyz is red within a minute of what stops the bot from working, and green again after it."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.gateway import Heartbeats
from bot.monitoring.health import Health, of_database, of_gateway, of_orders
from bot.store.database import Database, StoreUnavailable

if TYPE_CHECKING:
    from bot.generation.work.claims import Claims
    from bot.kit.bot import Bot


def connected(*ages: float | None, ready: bool = True) -> Bot:
    """A bot whose shards' heartbeats were acknowledged so many seconds ago; None: no connection yet."""
    now = time.perf_counter()
    kept = [None if age is None else SimpleNamespace(_last_ack=now - age, latency=0.1) for age in ages]
    sockets = [SimpleNamespace(_parent=SimpleNamespace(ws=SimpleNamespace(_keep_alive=keeper))) for keeper in kept]
    return cast("Bot", SimpleNamespace(shards=dict(enumerate(sockets)), is_ready=lambda: ready))


@pytest.mark.parametrize(
    ("ages", "wrong"),
    [
        ([0.0, 41.3], None),
        ([1.0, 61.0], "1 of 2 shards: no heartbeat acknowledged for 61 s (shard 1)"),
        ([75.0, 90.0], "2 of 2 shards: no heartbeat acknowledged for 90 s (shard 1)"),
        ([None], "1 of 1 shards: no heartbeat acknowledged (shard 0)"),
    ],
)
async def test_the_gateway(ages: list[float | None], wrong: str | None) -> None:
    assert await of_gateway(connected(*ages))() == wrong
    assert await of_gateway(connected(*ages, ready=False))() == "not connected to Discord yet"


def test_the_librarys_own_names() -> None:
    """What is read of the library is there."""
    import discord.gateway  # noqa: PLC0415 - for this alone
    import discord.shard  # noqa: PLC0415 - likewise

    keeper = discord.gateway.KeepAliveHandler(ws=cast("Any", SimpleNamespace(thread_id=1, _max_heartbeat_timeout=60)))
    socket: Any = discord.gateway.DiscordWebSocket(cast("Any", None), loop=cast("Any", None))
    assert socket._keep_alive is None
    socket._keep_alive = keeper
    info = discord.shard.ShardInfo(cast("Any", SimpleNamespace(id=0, ws=socket)), 1)
    bot: Any = SimpleNamespace(shards={0: info})
    (age,) = Heartbeats().ages(bot).values()
    assert 0 <= age < 5
    keeper.ack()
    assert keeper.latency < 5


async def test_a_new_connection_that_hears_nothing_is_no_better() -> None:
    """The library connects anew after a minute of silence; what it hears then is counted, not that it tries."""
    check = of_gateway(bot := connected(59.0))
    assert await check() is None
    silent: Any = bot.shards[0]
    silent._parent.ws._keep_alive = SimpleNamespace(_last_ack=time.perf_counter(), latency=float("inf"))
    assert await check() is None
    silent._parent.ws._keep_alive._last_ack += 50
    heard = time.perf_counter
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.gateway.time.perf_counter", lambda: heard() + 2)
        assert await check() == "1 of 1 shards: no heartbeat acknowledged for 61 s (shard 0)"
        silent._parent.ws._keep_alive.latency = 0.1
        assert await check() is None


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_the_scheduler() -> None:
    clock = Clock()
    claims = SimpleNamespace(moved_at=None)
    check = of_orders(cast("Claims", claims), clock=clock)
    assert await check() == "what the last process left is being taken over"
    claims.moved_at = clock.now
    clock.now += 44
    assert await check() is None
    clock.now += 2
    assert await check() == "the scheduler made no round for 46 s"


class Written:
    """Stands for `Database`: what each write does."""

    def __init__(self) -> None:
        self.writes = 0
        self.error: Exception | None = None
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def run(self, *_: object) -> None:
        self.writes += 1
        await self.goes_on.wait()
        if self.error is not None:
            raise self.error


async def test_the_database_is_written_to_seldom_and_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.monitoring.health.WRITE_SECONDS", 0.01)
    clock, written = Clock(), Written()
    check = of_database(cast("Database", written), clock=clock)
    assert [await check() for _ in range(5)] == [None] * 5
    assert written.writes == 1
    clock.now += 6
    written.error = StoreUnavailable("onekey.db: read-only")
    assert [await check(), await check()] == ["onekey.db: read-only"] * 2
    written.error = None
    clock.now += 6
    assert await check() is None
    written.goes_on.clear()
    clock.now += 6
    assert [await check() for _ in range(3)] == ["takes no write within 0 s"] * 3
    assert written.writes == 4
    written.goes_on.set()
    assert await check() is None


async def test_all_of_it_in_one_answer() -> None:
    health = Health()
    assert await health.wrong() == {"start": "still starting: the database is not open yet"}

    async def well() -> None:
        return None

    async def ill() -> str:
        return "ill"

    health.checks = {"one": well, "other": ill}
    assert await health.wrong() == {"one": None, "other": "ill"}
