"""Values as moderators left them, read for a chain of places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.settings import stored as settings
from tests.unit.stored_settings import put

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
