"""What Discord may leave out of what it sends, and the library does not do without.

A message without `components` has no such attribute at all. Of a channel, a thread above all, most fields are optional,
and one that comes with an interaction is partial: the library reads more, and lost the interaction, or the whole
server that the channel is in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import discord

_MESSAGE: Final[Mapping[str, Any]] = {"mentions": [], "mention_roles": [], "components": []}
_CHANNEL: Final[Mapping[str, Any]] = {"name": "", "position": 0, "bitrate": 64_000, "user_limit": 0}
_THREAD: Final[Mapping[str, Any]] = {
    "name": "",
    "parent_id": "0",
    "owner_id": "0",
    "message_count": 0,
    "member_count": 0,
    "thread_metadata": {
        "archived": False,
        "archive_timestamp": "1970-01-01T00:00:00+00:00",
        "auto_archive_duration": 1440,
    },
}
CHANNELS: Final = (
    discord.CategoryChannel,
    discord.ForumChannel,
    discord.StageChannel,
    discord.TextChannel,
    discord.VoiceChannel,
)
_NEVER: Final = "2100-01-01T00:00:00+00:00"
"""When a poll ends that does not: Discord documents that it may say nothing of it."""


def read_partial_objects() -> None:
    """Have the library read them; once."""
    _with(discord.Message, _whole_message)
    _with(discord.Thread, _whole_thread)
    for kind in CHANNELS:
        _with(kind, _whole_channel)


def _whole_message(data: Mapping[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {**_MESSAGE, **data}
    poll: Any = data.get("poll")
    if isinstance(poll, dict) and poll.get("expiry") is None:  # pyright: ignore[reportUnknownMemberType]
        whole["poll"] = {**poll, "expiry": _NEVER}
    return whole


def _whole_thread(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**_THREAD, **data}


def _whole_channel(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**_CHANNEL, **data}


def _with(read: type[Any], whole: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Its one constructor, which is called in many places, gets the whole."""
    construct: Any = read.__init__
    if construct.__name__ == whole.__name__:
        return

    def init(self: object, *, data: Mapping[str, Any], **rest: Any) -> None:  # noqa: ANN401 - the library's own
        construct(self, data=whole(data), **rest)

    init.__name__ = whole.__name__
    setattr(read, "__init__", init)  # noqa: B010 - its type knows one constructor
