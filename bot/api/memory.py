"""What is learned about a service at one base URL: the form of a request that it takes for a model."""

from __future__ import annotations

from typing import Protocol


class Memory(Protocol):
    """Short texts by key. Losing one costs a request more; neither call raises for a store that is away."""

    async def recall(self, key: str) -> str | None: ...

    async def note(self, key: str, value: str) -> None: ...


class OwnMemory:
    """Lasts as long as its owner."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}

    async def recall(self, key: str) -> str | None:
        return self._notes.get(key)

    async def note(self, key: str, value: str) -> None:
        self._notes[key] = value
