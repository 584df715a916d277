"""Orders to put in, with only what a test is about spelled out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from bot.generation import rows as generations

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Order(Protocol):
    def __call__(self, connection: Connection, /, **facts: Any) -> generations.Generation: ...


@pytest.fixture
def order() -> Order:
    """Insert a video in server 9; keywords are NewGeneration's, and `now`."""

    def insert(connection: Connection, /, **facts: Any) -> generations.Generation:
        now = facts.pop("now", 1000.0)
        new: dict[str, Any] = {
            "kind": "video",
            "person_id": 1,
            "guild_id": 9,
            "channel_id": 20,
            "message_id": 30,
            "context": "guild",
            "application_id": 40,
            "locale": "en-GB",
            "prompt": "a red fox",
            "model": "wan",
        }
        return generations.insert(connection, generations.NewGeneration(**(new | facts)), now=now)

    return insert
