"""Who may read what was written in a place."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from bot.kit.places import may_read
from tests.unit.discord_objects import USER, library

SERVER = "2"
VIEW, HISTORY, CONNECT = 1 << 10, 1 << 16, 1 << 20


@pytest.mark.parametrize(
    ("kind", "denied", "read"),
    [
        (0, 0, True),
        (0, VIEW, False),
        (0, HISTORY, False),
        (0, CONNECT, True),
        (2, 0, True),
        (2, CONNECT, False),
        (13, CONNECT, False),
    ],
)
async def test_a_channel_is_read_with_what_discord_asks_for(kind: int, denied: int, *, read: bool) -> None:
    state = library()
    everyone = {"id": SERVER, "name": "@everyone", "permissions": str(VIEW | HISTORY | CONNECT), "position": 0}
    more = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
    overwrite = {"id": SERVER, "type": 0, "allow": "0", "deny": str(denied)}
    channel = {"id": "3", "type": kind, "name": "x", "position": 0, "permission_overwrites": [overwrite]}
    voice = {"bitrate": 64_000, "user_limit": 0} if kind else {}
    known: Any = {"id": SERVER, "name": "server", "owner_id": "1", "roles": [everyone | more]}
    guild = discord.Guild(data=known | {"channels": [channel | voice]}, state=state)
    data: Any = {"user": USER, "roles": [], "joined_at": None, "deaf": False, "mute": False, "flags": 0}
    found = guild.get_channel(3)
    assert found is not None
    assert may_read(found, discord.Member(data=data, guild=guild, state=state)) is read
