"""A worker with a real service and a real database; what is shown is written down instead of posted."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bot.generation.rows import generations
from bot.states import State
from tests.unit.ordering import insert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.api.client import OneKeyClient
    from bot.generation.card_facts import CardFacts
    from bot.generation.files.result_files import ResultFiles
    from bot.generation.pace import Pacer
    from bot.generation.rows.records import Generation
    from bot.generation.work.worker import Worker
    from bot.store.database import Database
    from sandbox.onekey import OneKeyServer

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@dataclass
class Notebook:
    """A Deliverer that notes what it was to show. `refusals`: what the next deliveries raise; `lost`: how many of the
    next cards do not get there.
    """

    shown: list[CardFacts] = field(default_factory=list["CardFacts"])
    delivered: list[CardFacts] = field(default_factory=list["CardFacts"])
    refusals: list[Exception] = field(default_factory=list[Exception])
    lost: int = 0
    end: State = State.DELIVERED
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def find(self, row: Generation) -> int | None:
        del row
        return None

    async def show(self, facts: CardFacts) -> bool:
        self.shown.append(facts)
        self._tell()
        self.lost -= 1
        return self.lost < 0

    async def deliver(self, facts: CardFacts) -> State:
        if self.refusals:
            raise self.refusals.pop(0)
        self.delivered.append(facts)
        self._tell()
        return self.end

    def _tell(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await self.changed.wait()

    def states(self, id_: int) -> list[str]:
        return [facts.row.state for facts in self.shown if facts.row.id == id_]

    def places(self, id_: int) -> list[int | None]:
        return [facts.place for facts in self.shown if facts.row.id == id_ and facts.row.state == State.QUEUED]


@dataclass
class House:
    database: Database
    api: OneKeyServer
    worker: Worker
    notebook: Notebook
    result_files: ResultFiles
    data_dir: Path

    async def order(self, prompt: str = "A fox", **facts: Any) -> Generation:
        """A queued video whose placeholder stands."""
        small = {"locale": "en", "model": "wan2.7-t2v", "parameters": {"resolution": "320*180"}}
        return await self.database.run(insert, prompt=prompt, now=time.time(), **(small | facts))

    async def get(self, id_: int) -> Generation:
        row = await self.database.run(generations.get, id_)
        assert row is not None
        return row


def hands(worker: Worker, *, client: OneKeyClient | None = None, pacer: Pacer | None = None, **shown: Any) -> Worker:
    """A worker with other parts; `shown`: fields of its `Progress`."""
    progress = replace(worker.progress, **shown)
    polling = replace(
        worker.polling, progress=progress, client=client or worker.client, pacer=pacer or worker.polling.pacer
    )
    return replace(worker, progress=progress, polling=polling, client=client or worker.client)
