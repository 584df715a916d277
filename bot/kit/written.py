"""What people write as messages, and to whom."""

from __future__ import annotations

import re
from typing import Final

import discord

WRITTEN: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})
"""What people write; the rest tells of what happened."""


def without_mention(content: str, me: int) -> str:
    """What is said to the bot, beside its name."""
    return re.sub(rf"<@!?{me}>", "", content).strip()


def names(content: str, me: int) -> bool:
    """Whether the bot is mentioned in the text itself."""
    return f"<@{me}>" in content or f"<@!{me}>" in content


def replied_to(message: discord.Message) -> int | None:
    """The message that this one replies to."""
    reference = message.reference
    return reference.message_id if message.type is discord.MessageType.reply and reference is not None else None
