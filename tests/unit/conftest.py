"""An owner's environment, and orders to put into each database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.generation.ordering.orders import Orders
from tests.unit.ordering import AnyModel, Order, environment_of, insert

if TYPE_CHECKING:
    from pathlib import Path

    from bot.environment import Environment
    from bot.store.database import Database


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(tmp_path)


@pytest.fixture
def orders(database: Database, environment: Environment) -> Orders:
    return Orders(database, AnyModel(), environment)


@pytest.fixture
def order() -> Order:
    return insert
