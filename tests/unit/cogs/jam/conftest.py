from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.cogs.jam.world import World, world_over

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.environment import Environment
    from bot.store.database import Database


@pytest.fixture
async def world(database: Database, environment: Environment) -> AsyncIterator[World]:
    async with world_over(database, environment) as opened:
        yield opened
        await opened.scheduler.idle()
