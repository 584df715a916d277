"""Servers whose channels say little of themselves are there."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.kit.partial_objects import read_partial_objects
from tests.unit.discord_objects import library, read_what_is_partial

CHANNEL: dict[str, Any] = {"id": "3", "guild_id": "2", "name": "x", "position": 0}
THREAD: dict[str, Any] = {
    "id": "9",
    "guild_id": "2",
    "type": 11,
    "parent_id": "3",
    "thread_metadata": {
        "archived": False,
        "archive_timestamp": "2026-01-01T00:00:00+00:00",
        "auto_archive_duration": 60,
        "locked": False,
    },
}


@pytest.mark.parametrize("kind", [0, 2, 4, 5, 13, 15, 16])
async def test_a_server_is_there_with_all_that_is_in_it(monkeypatch: pytest.MonkeyPatch, kind: int) -> None:
    """`bitrate`, `owner_id`, `member_count` and others are optional (Discord, "Channel Structure")."""
    read_what_is_partial(monkeypatch)
    read_partial_objects()
    known: Any = {"id": "2", "name": "server", "channels": [{**CHANNEL, "type": kind}], "threads": [THREAD]}
    guild = discord.Guild(data=known, state=library())
    found = guild.get_channel(3)
    assert found is not None
    assert found.name == "x"
    thread = guild.get_thread(9)
    assert thread is not None
    assert (thread.parent_id, thread.name) == (3, "")
