"""Addresses of messages, for masked links."""

from __future__ import annotations


def message_link(guild_id: int | None, channel_id: int, message_id: int) -> str:
    """Where Discord's clients open a message; `guild_id` None: in direct messages."""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"
