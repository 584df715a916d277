"""Posting in a channel that a server's moderators chose: their log, alerts of their credits.

In that server only: what happens in one is not told elsewhere, whatever was set. A channel that Discord refuses, or
does not answer for, is left alone for a while.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, NamedTuple

import discord

from bot.kit.posting import NotNow, Posting
from bot.kit.responses import PASSING
from bot.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord import ui

    from bot.kit.audience import Channel

log = logging.getLogger(__name__)

WAITS = (1.0, 10.0, 60.0, 600.0, 3600.0)
"""Seconds that a channel is left alone after Discord failed, one time after the other."""
TOLD_SECONDS = 3600.0
CHANNELS = 1000


class Closed(NotNow):
    """The channel is gone, in another server, or not open to the bot."""


class _LeftAlone(NamedTuple):
    """Until when (monotonic seconds), after how many failures in a row, and why."""

    until: float
    failures: int
    closed: bool
    why: str


class ModeratorChannels:
    """`closed_seconds`: how long a closed channel is left alone. Refusals count against the bot's address."""

    def __init__(self, posting: Posting, *, closed_seconds: float) -> None:
        self._posting = posting
        self._closed_seconds = closed_seconds
        self._left_alone: Recent[int, _LeftAlone] = Recent(CHANNELS)
        self._told: Recent[int, None] = Recent(CHANNELS, seconds=TOLD_SECONDS)

    def wait(self, channel_id: int) -> float:
        """For how many seconds nothing is posted there."""
        known = self._left_alone.get(channel_id)
        return 0.0 if known is None else max(0.0, known.until - time.monotonic())

    async def post(
        self,
        guild_id: int,
        channel_id: int,
        view_for: Callable[[Channel], ui.LayoutView],
        *,
        nonce: str,
        silent: bool = False,
    ) -> int:
        """Post what `view_for` makes of the channel as it is now, since who may read it changes; the message's id.

        Closed; Refused: not in this form; NotNow: it may go through after `wait`. At once while the channel is left
        alone, whatever is to be posted.
        """
        known = self._left_alone.get(channel_id)
        if known is not None and known.until > time.monotonic():
            raise (Closed if known.closed else NotNow)(known.why)
        try:
            channel = await self._channel(guild_id, channel_id)
            posted = await self._posting.post(channel_id, view_for(channel), nonce=nonce, silent=silent)
            if posted is None:
                raise Closed("Discord refuses it")
        except NotNow as error:
            self._leave_alone(guild_id, channel_id, error, 0 if known is None else known.failures)
            raise
        self._left_alone.pop(channel_id)
        return posted

    async def _channel(self, guild_id: int, channel_id: int) -> Channel:
        guild = self._posting.bot.get_guild(guild_id)
        if guild is None:
            raise NotNow("its server is not there")
        try:
            channel = guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)
        except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
            raise Closed(str(error)) from error
        except PASSING as error:
            raise NotNow(str(error)) from error
        if not isinstance(channel, discord.abc.Messageable):
            raise Closed("no messages can be sent to a channel of its type")
        return channel

    def _leave_alone(self, guild_id: int, channel_id: int, why: NotNow, failures: int) -> None:
        closed = isinstance(why, Closed)
        wait = self._closed_seconds if closed else WAITS[min(failures, len(WAITS) - 1)]
        self._left_alone.put(channel_id, _LeftAlone(time.monotonic() + wait, failures + 1, closed, str(why)))
        if channel_id not in self._told:
            self._told.put(channel_id, None)
            fields = {"guild": guild_id, "channel": channel_id}
            log.warning("a channel of moderators can't be used, trying again in %.0f s: %s", wait, why, extra=fields)
