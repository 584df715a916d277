"""What was written meanwhile: of several processes each looks where what comes is its own, so that one looks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, cast

import discord
import pytest

from bot.kit.bot import Share
from cogs.ask import chat_rows as rows
from cogs.ask.missed import MOST_DIRECT, Missed

if TYPE_CHECKING:
    from collections.abc import Callable

DIRECT, PLACES = [1, 2], {11: 100, 12: 101, 13: 102, 14: 100}
"""Channels, and places with their servers, whose shards are by turns 0 and 1."""


class Part(Share):
    """One of several processes, which has these servers; None: direct messages."""

    is_whole = False

    def __init__(self, *held: int | None) -> None:
        self._held = held

    def holds(self, guild_id: int | None) -> bool:
        return guild_id in self._held


class Watched:
    """A bot that is connected with all servers, as one that is about to take some over may be."""

    application_id, intents = 5, discord.Intents.none()
    cogs: ClassVar[dict[str, object]] = {}

    def __init__(self, share: Share) -> None:
        self.share = share
        self.looked: list[int] = []

    def the(self, kind: type[object]) -> Watched:
        del kind
        return self

    async def run(self, call: Callable[..., Any], **asked: Any) -> object:
        if call is rows.asked_in:
            return {14: 1}
        assert asked["direct"] in (0, MOST_DIRECT)
        return (DIRECT if asked["direct"] else []), [11, 12, 13]

    async def fetch_channel(self, channel_id: int) -> object:
        self.looked.append(channel_id)
        return None

    def get_channel(self, channel_id: int) -> object:
        thread = discord.Thread.__new__(discord.Thread)
        thread.id, thread.last_message_id = channel_id, discord.utils.time_snowflake(discord.utils.utcnow())
        thread.guild = cast("Any", SimpleNamespace(id=PLACES[channel_id], shard_id=PLACES[channel_id] % 2))
        return thread


class Looking(Missed):
    async def _missed(self, channel: discord.abc.MessageableChannel) -> list[discord.Message]:
        cast("Watched", self._bot).looked.append(channel.id)
        return []


@pytest.mark.parametrize(
    ("share", "looks"),
    [
        (Share(), {0: [1, 2, 11, 13, 14], 1: [12]}),
        (Part(None, 100, 102), {0: [1, 2, 11, 13, 14], 1: []}),
        (Part(101), {0: [], 1: [12]}),
        (Part(), {0: [], 1: []}),
    ],
    ids=["alone", "the first shard", "the other one", "none yet"],
)
async def test_each_looks_where_what_comes_is_its_own(share: Share, looks: dict[int, list[int]]) -> None:
    for shard_id, where in looks.items():
        bot = Watched(share)
        await Looking(cast("Any", bot), cast("Any", None)).take(shard_id)
        assert sorted(bot.looked) == where
