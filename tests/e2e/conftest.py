"""The stage for end-to-end tests: both stand-ins, and the real bot as a process of its own.

    pytestmark = pytest.mark.asyncio(loop_scope="module")      in every module here: stage and test share a loop

    BOT_ENVIRONMENT = {"SYSTEM_PROMPT": "…"}                   (optional) settings of the module's own bot
    VIDEO_SECONDS = 600                                        (optional) how long the API makes a video, here a moment
    async def test_…(stage):                                   one stage for the whole module; calmed before each test

    async def test_…(new_stage):                               a stage for one test: restarts, other settings
        stage = await new_stage(environment={"SYSTEM_PROMPT": "…"})

A test that fails shows the end of the bot's log. `stage.bot.log` is the whole of it.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import AsyncExitStack, closing
from typing import TYPE_CHECKING, Any, Protocol, cast

import pytest
import pytest_asyncio

from sandbox.onekey import Behaviour, Plan
from sandbox.stage import Stage
from tests.e2e.cards import swift
from tests.e2e.configuring import a_place
from tests.e2e.forking import fork

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator
    from pathlib import Path

    from sandbox.discord.models import Channel
    from sandbox.discord.people import Person


def quick_api() -> Behaviour:
    """The API as it always is, only faster; a word in a prompt or `stage.api.next()` slows one request down."""
    return Behaviour(
        chat=Plan(first_token=0.02, words_per_second=400),
        images=Plan(delay=0.05),
        submit=Plan(queue_seconds=0.1, run_seconds=0.4),
    )


class NewStage(Protocol):
    """Makes and enters a stage in the test's own folder; keywords are Stage's. It ends with the test."""

    async def __call__(self, **options: Any) -> Stage: ...


@pytest_asyncio.fixture(loop_scope="module")
async def new_stage(tmp_path: Path, sqlite_template: Path, request: pytest.FixtureRequest) -> AsyncIterator[NewStage]:
    async with AsyncExitStack() as stack:
        made = 0

        async def make(**options: Any) -> Stage:
            nonlocal made
            made += 1
            defaults = _options(tmp_path / f"stage-{made}", sqlite_template)
            stage = _quick(Stage(**(defaults | options)), request)
            note_offered(stage, (defaults | options)["data_dir"])
            await stack.enter_async_context(stage)
            watch_log(request, stage)
            return stage

        yield make


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> AsyncIterator[Stage]:
    """One stage for all tests of a module; see `stage`."""
    options = _options(tmp_path_factory.mktemp("module") / "stage", sqlite_template)
    environment: dict[str, str] = _of_module(request, "BOT_ENVIRONMENT", {})
    stage = _quick(Stage(environment=environment, **options), request)
    note_offered(stage, options["data_dir"])
    async with stage:
        yield stage


def _quick(stage: Stage, request: pytest.FixtureRequest) -> Stage:
    """Without two of Discord's limits: on asking for the gateway, twice in 5 s, each restart would wait for it; on
    reading messages, for the many pictures of all tests in one channel are no flood of the bot's.
    """
    stage.discord.limits.groups |= {"gateway": None, "message.get": None}
    if stage.invented:
        swift(stage, run=_of_module(request, "VIDEO_SECONDS", 0.3))
    return stage


def note_offered(stage: Stage, data_dir: Path) -> None:
    """The servers that are there from the start were offered to be set up: what a test's first command is answered
    with is not to depend on whose it is.
    """
    if (data_dir / "onekey.db").exists():
        with closing(sqlite3.connect(data_dir / "onekey.db")) as database, database:
            rows = [(f"setup:{guild_id}", "offered") for guild_id in stage.world.guilds]
            database.executemany("INSERT OR IGNORE INTO facts (key, value) VALUES (?, ?)", rows)


def _of_module(request: pytest.FixtureRequest, name: str, default: Any) -> Any:
    module = cast("object", request.module)  # pyright: ignore[reportUnknownMemberType] - pytest leaves it untyped
    return getattr(module, name, default)


def _options(folder: Path, sqlite_template: Path) -> dict[str, Any]:
    """Stage's options for `folder`. The database is there already: to make the schema takes a second of each start."""
    data_dir = folder / "data"
    data_dir.mkdir(parents=True)
    shutil.copyfile(sqlite_template, data_dir / "onekey.db")
    log = folder / "bot.log"
    return {"behaviour": quick_api(), "data_dir": data_dir, "log": log, "poll_seconds": 0.2, "spawn": fork}


@pytest.fixture
def stage(module_stage: Stage, request: pytest.FixtureRequest) -> Stage:
    """The module's stage, as it was before the last test's faults; a bot that has died fails the test."""
    watch_log(request, module_stage)
    module_stage.api.calm()
    swift(module_stage, run=_of_module(request, "VIDEO_SECONDS", 0.3))
    module_stage.discord.faults.clear()
    module_stage.check()
    return module_stage


@pytest.fixture
def place(stage: Stage) -> tuple[Person, Channel]:
    return a_place(stage)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> dict[str, str]:
    """The bot's default, SQLite in its DATA_DIR; where a test is parametrised so (`indirect`), PostgreSQL."""
    postgresql = getattr(request, "param", "sqlite") == "postgresql"
    return {"DATABASE_URL": request.getfixturevalue("postgresql_url")} if postgresql else {}


# The bot's log beside a failure.

_STAGES = pytest.StashKey[list[Stage]]()


def watch_log(request: pytest.FixtureRequest, stage: Stage) -> None:
    node = cast("pytest.Item", request.node)  # pyright: ignore[reportUnknownMemberType] - pytest leaves it untyped
    node.stash.setdefault(_STAGES, []).append(stage)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    del call
    report = yield
    if report.failed:
        for number, stage in enumerate(item.stash.get(_STAGES, list[Stage]()), 1):
            report.sections.append((f"the bot's log, stage {number}", stage.bot.log_end(60)))
    return report
