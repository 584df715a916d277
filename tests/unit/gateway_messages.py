"""Messages as the gateway brings them."""

from __future__ import annotations

from typing import Any

import discord


def message(**parts: Any) -> discord.Message:
    """Who wrote it does not matter; of components it says nothing, as Discord may (`bot.kit.partial_objects`)."""
    data: dict[str, Any] = {
        "id": "10",
        "channel_id": "20",
        "author": {"id": "30", "username": "carol", "discriminator": "0", "avatar": None, "global_name": None},
        "content": "",
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
    }
    client = discord.Client(intents=discord.Intents.none())
    made: Any = discord.Message  # which takes a payload, and the client's own state
    return made(state=client._connection, channel=client.get_partial_messageable(20), data=data | parts)  # pyright: ignore[reportPrivateUsage] - a message has no public way into being
