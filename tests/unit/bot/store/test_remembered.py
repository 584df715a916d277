"""What was learned of the service outlives the process, and a store that is away costs only that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.store.database import StoreUnavailable
from bot.store.remembered import Remembered

if TYPE_CHECKING:
    from bot.store.database import Database


async def test_it_is_kept(database: Database) -> None:
    assert await Remembered(database).recall("video_form x m") is None
    await Remembered(database).note("video_form x m", "1")
    await Remembered(database).note("video_form x m", "2")
    assert await Remembered(database).recall("video_form x m") == "2"


async def test_a_store_that_is_away_stops_no_order(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(database, "run", away)
    assert await Remembered(database).recall("a") is None
    await Remembered(database).note("a", "1")
