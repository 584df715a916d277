"""An owner's environment, and orders to put into each database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.generation.ordering.orders import Orders
from tests.unit.ordering import AnyModel, Order, environment_of, insert

if TYPE_CHECKING:
    from collections.abc import Mapping
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


@pytest.fixture
def forked_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child process that migrates is forked: a new Python takes longer to import it than it has to do."""
    from tests.e2e import forking  # noqa: PLC0415 - only for the tests that ask for it

    new_python = asyncio.create_subprocess_exec

    async def start(*command: Any, env: Mapping[str, str], **options: Any) -> Any:
        if command[2:] != ("-m", "bot.store.migrate"):
            return await new_python(*command, env=env, **options)
        return await forking.piped(command[-1], environment=env)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
