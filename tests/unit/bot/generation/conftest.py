"""A worker to give orders to: see `living`."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from bot.api.client import OneKeyClient
from bot.api.session import build_session
from bot.generation.files import result_files as result_files_module
from bot.generation.files.fetching import ResultFetcher
from bot.generation.files.result_files import ResultFiles
from bot.generation.pace import Limits, Pacer
from bot.generation.pauses import Pauses
from bot.generation.work import progress, worker
from bot.generation.work.polling import Polling
from bot.generation.work.posts import Posts
from bot.generation.work.progress import Progress
from bot.generation.work.screening import Screen
from bot.generation.work.worker import Worker
from bot.orders.moderation import Moderation
from bot.orders.money import Money
from sandbox.onekey import Behaviour, OneKeyServer, Plan
from tests.unit.bot.generation.living import House, Notebook
from tests.unit.ordering import environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.store.database import Database


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        behaviour = Behaviour(submit=Plan(queue_seconds=0, run_seconds=0))
        api = await stack.enter_async_context(OneKeyServer(behaviour=behaviour))
        session = await stack.enter_async_context(build_session())
        client = OneKeyClient(session, base_url=api.base_url, api_key=api.key)
        fetcher = await stack.enter_async_context(ResultFetcher(api_base_url=api.base_url, api_key=api.key))
        limits = Limits()
        result_files = ResultFiles(
            database=sqlite_database, fetcher=fetcher, api_base_url=client.base_url, data_dir=tmp_path, limits=limits
        )
        notebook = Notebook()
        progress = Progress(database=sqlite_database, deliverer=notebook, limits=limits, pauses=Pauses(sqlite_database))
        worker = Worker(
            progress=progress,
            client=client,
            polling=Polling(client=client, pacer=Pacer(0.02), progress=progress),
            result_files=result_files,
            posts=Posts(8),
            screen=Screen(database=sqlite_database, moderation=Moderation(client), data_dir=tmp_path),
            money=Money(environment_of(tmp_path)),
        )
        yield House(sqlite_database, api, worker, notebook, result_files, tmp_path)


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    from bot.store.opening import open_database  # noqa: PLC0415 - as in the fixtures beside it

    async with open_database(sqlite_url) as opened:
        yield opened


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between tries."""

    def at_once(attempt: int, *, ceiling: float) -> float:
        del attempt, ceiling
        return 0.01

    for module in (result_files_module, progress, worker):
        monkeypatch.setattr(module, "backoff", at_once)
