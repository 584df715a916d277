"""Who is told that what they ordered is done: decided with its end, once, and never more often than people bear."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.generation import notices
from bot.store import own_choices
from tests.unit.ordering import BOB, CHANNEL, GUILD, a_video, caller, environment_of
from tests.unit.stored_settings import put

if TYPE_CHECKING:
    from pathlib import Path

    from bot.environment import Environment
    from bot.generation.ordering.orders import Orders
    from bot.generation.rows.records import Generation
    from bot.store.database import Database

NOW = 1_000_000.0


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return environment_of(tmp_path, DAILY_LIMIT_PER_USER="video=99")


async def ended(orders: Orders, prompt: str, *, person_id: int = BOB, **facts: Any) -> Generation:
    """A video that took two minutes, as `facts` have it."""
    row = await a_video(orders, caller(person_id), prompt=prompt)
    values = {"created_at": NOW - 120, "message_id": 30 + row.id, "state": "delivered", "private": False}
    return replace(row, **(values | facts))


async def due(database: Database, row: Generation, *, now: float = NOW, **before: Any) -> bool:
    """Whether its person is told, the row having ended `now`."""
    was = replace(row, **{"shown_state": "running", **before})
    await database.run(notices.put_if_due, was, row, now=now)
    return await database.run(notices.open_of, row.id)


@pytest.mark.parametrize(
    ("facts", "before", "told"),
    [
        ({}, {}, True),
        ({"state": "failed"}, {}, True),
        ({"state": "expired"}, {}, True),
        ({"kind": "image", "count": 4}, {}, True),
        ({"created_at": NOW - 59}, {}, False),
        ({"state": "cancelled"}, {}, False),
        ({"state": "dropped"}, {}, False),
        ({"action": "round"}, {}, False),
        ({"message_id": None}, {}, False),
        ({"removed_at": NOW}, {}, False),
        # Fetched once more: somebody waits for it. Sent as a direct message: that tells by itself.
        ({}, {"shown_state": "unfetched"}, False),
        ({}, {"shown_state": "delivered"}, False),
        ({"context": "bot_dm", "guild_id": None, "channel_id": 77}, {"channel_id": CHANNEL}, False),
    ],
)
async def test_of_what_somebody_is_told(
    database: Database, orders: Orders, facts: dict[str, Any], before: dict[str, Any], told: bool
) -> None:
    assert await due(database, await ended(orders, "a fox", **facts), **before) is told


async def test_once_in_five_minutes_in_a_channel_and_never_twice_of_one(database: Database, orders: Orders) -> None:
    first = await ended(orders, "one")
    assert await due(database, first)
    assert await database.run(notices.note, first.id, 99)
    assert not await database.run(notices.note, first.id, 98)
    assert not await due(database, first, now=NOW + 900)
    assert await due(database, await ended(orders, "two"), now=NOW + 200) is False
    assert await due(database, await ended(orders, "three", channel_id=21), now=NOW + 200)
    assert await due(database, await ended(orders, "four", person_id=3), now=NOW + 200)
    assert await due(database, await ended(orders, "five"), now=NOW + 301)


@pytest.mark.parametrize(
    ("chosen", "seconds", "told"), [("long", 299, False), ("long", 301, True), ("never", 9e5, False)]
)
async def test_what_a_person_chose(database: Database, orders: Orders, chosen: str, seconds: float, told: bool) -> None:
    await database.run(own_choices.put, BOB, "notify", chosen, now=1.0)
    assert await due(database, await ended(orders, "a fox", created_at=NOW - seconds)) is told


@pytest.mark.parametrize(("scope", "scope_id"), [("server", GUILD), ("channel", CHANNEL)])
async def test_a_place_has_the_last_word(database: Database, orders: Orders, scope: str, scope_id: int) -> None:
    never: dict[str, Any] = {"scope": scope, "scope_id": scope_id, "key": "notify", "value": "never"}
    await database.run(put, **never, changed_by=1, now=1.0)
    assert not await due(database, await ended(orders, "a fox"))
