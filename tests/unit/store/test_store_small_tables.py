from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.orders import daily_rows as daily
from bot.settings import stored as settings
from bot.store import key_values as facts
from tests.unit.settled import put

if TYPE_CHECKING:
    from bot.store.database import Database


@pytest.mark.parametrize("value", ["wan2.7-t2v", 3, 2.5, False, ["a", 1], {"深": None}, "", 0])
async def test_a_setting_comes_back_as_it_was(database: Database, value: Any):
    place: dict[str, Any] = {"scope": "channel", "scope_id": 2**62, "key": "video_model"}
    await database.run(put, **place, value="before", changed_by=1, now=1.0, guild_id=9)
    await database.run(put, **place, value=value, changed_by=2, now=2.0, guild_id=9)
    assert await database.run(settings.read, scopes=[("channel", 2**62)]) == {
        ("channel", 2**62): {"video_model": value}
    }
    (removed,) = (await database.run(settings.read, scopes=[("channel", 2**62)]))["channel", 2**62].values()
    assert type(removed) is type(value)
    await database.run(put, **place, value=None, changed_by=2, now=3.0)
    assert await database.run(settings.read, scopes=[("channel", 2**62)]) == {}


async def test_settings_are_read_for_a_chain_of_places(database: Database):
    for scope, scope_id, key in (("server", 1, "a"), ("server", 1, "b"), ("category", 1, "a"), ("channel", 3, "a")):
        value = f"{scope}{scope_id}{key}"
        await database.run(put, scope=scope, scope_id=scope_id, key=key, value=value, changed_by=1, now=1.0)
    assert await database.run(settings.read, scopes=[("server", 1), ("channel", 3), ("channel", 1)]) == {
        ("server", 1): {"a": "server1a", "b": "server1b"},
        ("channel", 3): {"a": "channel3a"},
    }
    assert await database.run(settings.read, scopes=[]) == {}
    with pytest.raises(IntegrityError, match="ck_settings_scope"):
        await database.run(put, scope="planet", scope_id=1, key="a", value=1, changed_by=1, now=1.0)


async def test_of_twenty_at_once_five_get_a_share(database: Database):
    share: dict[str, Any] = {"person_id": 1, "kind": "video", "day": 20_000}
    taken = await asyncio.gather(*(database.run(daily.take, **share, limit=5) for _ in range(20)))
    assert taken.count(True) == 5
    assert await database.run(daily.used, **share) == 5
    await database.run(daily.give_back, **share)
    assert await database.run(daily.take, **share, limit=5)
    assert not await database.run(daily.take, **share, limit=5)
    assert await database.run(daily.take, **share, limit=6), "a limit that was raised holds at once"


async def test_shares_are_apart_and_never_below_nothing(database: Database):
    share: dict[str, Any] = {"person_id": 1, "kind": "ask", "day": 20_000}
    assert await database.run(daily.used, **share) == 0
    await database.run(daily.give_back, **share)
    assert not await database.run(daily.take, **share, limit=0)
    assert await database.run(daily.take, **share, limit=1)
    others: tuple[dict[str, Any], ...] = ({"person_id": 2}, {"kind": "imagine"}, {"day": 20_001})
    for other in others:
        assert await database.run(daily.take, **(share | other), limit=1)
    for _ in range(3):
        await database.run(daily.give_back, **share)
    assert await database.run(daily.used, **share) == 0


async def test_old_days_are_forgotten(database: Database):
    for day in (19_998, 19_999, 20_000):
        await database.run(daily.take, person_id=1, kind="ask", day=day, limit=9)
    assert await database.run(daily.forget_before, 20_000) == 2
    assert [await database.run(daily.used, person_id=1, kind="ask", day=day) for day in (19_999, 20_000)] == [0, 1]


async def test_facts(database: Database):
    assert await database.run(facts.get, "commands") is None
    await database.run(facts.put, "commands", "abc")
    await database.run(facts.put, "commands", "déf")
    assert await database.run(facts.get, "commands") == "déf"
