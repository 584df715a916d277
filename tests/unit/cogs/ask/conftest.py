"""Talks on each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.cogs.ask.talking import Talk

if TYPE_CHECKING:
    from bot.generation.ordering.orders import Orders
    from bot.store.database import Database


@pytest.fixture
def talk(database: Database, orders: Orders) -> Talk:
    return Talk(database, orders)
