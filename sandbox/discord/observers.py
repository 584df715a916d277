"""Watching what happens: a stream of changes, and waiting until one of them is what one looks for."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator

    from sandbox.discord.models import Channel, Message, User

Kind = Literal["created", "edited", "deleted", "typing", "interaction"]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened. `at` is time.monotonic()."""

    kind: Kind
    channel: Channel
    message: Message | None = None
    user: User | None = None
    interaction_id: int | None = None
    at: float = field(default_factory=time.monotonic)


class Observers:
    """Whoever watches. Predicates run where the change is made, so a wait costs nothing until it is met."""

    def __init__(self) -> None:
        self._waits: list[_Wait] = []
        self._queues: list[asyncio.Queue[Change]] = []

    def emit(self, change: Change) -> None:
        for queue in self._queues:
            queue.put_nowait(change)
        for wait in tuple(self._waits):
            wait.try_(change)

    async def wait_until(self, predicate: Callable[[Change], bool], timeout: float) -> Change:  # noqa: ASYNC109 (the time belongs to the question: "within 3 s")
        """The first change from now on that the predicate accepts.

        Raises: TimeoutError after `timeout` seconds; whatever the predicate raises.
        """
        wait = _Wait(predicate, asyncio.get_running_loop().create_future())
        self._waits.append(wait)
        try:
            async with asyncio.timeout(timeout):
                return await wait.future
        finally:
            self._waits.remove(wait)

    @contextmanager
    def subscribe(self) -> Generator[asyncio.Queue[Change]]:
        """A queue that gets every change while the block runs."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._queues.append(queue)
        try:
            yield queue
        finally:
            self._queues.remove(queue)

    async def changes(self) -> AsyncIterator[Change]:
        """`async for change in …`: every change from the first step on, without end."""
        with self.subscribe() as queue:
            while True:
                yield await queue.get()


class _Wait:
    def __init__(self, predicate: Callable[[Change], bool], future: asyncio.Future[Change]) -> None:
        self.predicate = predicate
        self.future = future

    def try_(self, change: Change) -> None:
        if self.future.done():
            return
        try:
            met = self.predicate(change)
        except Exception as error:  # noqa: BLE001 (handed to whoever waits, whatever it is)
            self.future.set_exception(error)
            return
        if met:
            self.future.set_result(change)
