"""The owner is told once of a low balance, also over restarts, and again after it was topped up."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from bot.api.client import OneKeyClient
from bot.api.session import build_session
from bot.kit.owner_alerts import OwnerAlerts
from cogs.usage.low_balance import BalanceWatch
from sandbox.onekey import OneKeyServer
from tests.words import en

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.kit.bot import Bot
    from bot.store.database import Database


class Told(OwnerAlerts):
    """Alerts that are noted instead of sent. `reaches`: whether the owner can be told."""

    def __init__(self) -> None:
        super().__init__(cast("Bot", object()))
        self.said: list[str] = []
        self.reaches = True

    async def tell(self, reason: str, said: str) -> bool:
        del reason
        if self.reaches:
            self.said.append(said)
        return self.reaches


@pytest.fixture
async def api() -> AsyncIterator[OneKeyServer]:
    async with OneKeyServer(key="sk-test") as server:
        yield server


@pytest.fixture
async def client(api: OneKeyServer) -> AsyncIterator[OneKeyClient]:
    async with build_session() as session:
        yield OneKeyClient(session, base_url=api.base_url, api_key="sk-test")


async def test_once_below_and_again_after_it_was_topped_up(
    database: Database, api: OneKeyServer, client: OneKeyClient
) -> None:
    told = Told()

    async def look() -> bool:
        # Each time as after a restart.
        return await BalanceWatch(client, database, told, 10.0).look(10.0)

    assert await look()
    assert told.said == []
    api.used = 15.0
    told.reaches = False
    assert await look()
    told.reaches = True
    assert await look()
    assert await look()
    low = en("owner.low_balance", left="5.00", threshold="10")
    assert told.said == [low]
    api.used = 5.0
    assert await look()
    api.used = 15.0
    assert await look()
    assert told.said == [low, low]


@pytest.mark.parametrize(("shape", "tells"), [("untold", False), ("absent", False), ("unlimited", True)])
async def test_nothing_to_tell(
    database: Database, api: OneKeyServer, client: OneKeyClient, shape: str, tells: bool
) -> None:
    told = Told()
    api.next("billing", times=20, shape=shape)
    api.next("money", times=20, shape="absent")
    assert await BalanceWatch(client, database, told, 10.0).look(10.0) is tells
    assert told.said == []


async def test_off_by_default(database: Database, api: OneKeyServer, client: OneKeyClient) -> None:
    await BalanceWatch(client, database, Told(), None).run()
    assert api.requests.counts["billing"] == 0
