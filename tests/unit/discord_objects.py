"""What the library makes of what Discord sends, with nobody connected."""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import MagicMock, create_autospec

import discord

from bot.kit.partial_objects import CHANNELS, read_partial_objects

if TYPE_CHECKING:
    import pytest

USER: Final[Any] = {"id": "1001", "username": "carol", "discriminator": "0", "avatar": None, "global_name": None}


def like(kind: type, *called: str, **attributes: Any) -> Any:
    """A stand-in for an object of this kind, whose methods that are `called` take what the kind's take.

    `create_autospec` makes such of all hundreds that it has, which takes thirty milliseconds for a server or a client.
    """
    made = MagicMock(spec=kind, **attributes)
    for name in called:
        setattr(made, name, create_autospec(MethodType(getattr(kind, name), made)))
    return made


def library() -> Any:
    """The state of a client by which nothing is sent."""
    return discord.Client(intents=discord.Intents(guilds=True))._connection  # pyright: ignore[reportPrivateUsage] - the library's own


def message(**parts: Any) -> discord.Message:
    """As the gateway brings it; of `components` it says nothing, as Discord may."""
    data: dict[str, Any] = {
        "id": "10",
        "channel_id": "20",
        "author": USER,
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
    made: Any = data | parts
    state = library()
    channel: Any = discord.PartialMessageable(state=state, id=20)
    return discord.Message(state=state, channel=channel, data=made)


def read_what_is_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the bot's process, for as long as a test runs."""
    for kind in (discord.Message, discord.Thread, *CHANNELS):
        monkeypatch.setattr(kind, "__init__", kind.__init__)
    read_partial_objects()
