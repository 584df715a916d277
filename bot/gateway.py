"""The gateway's socket: an event that can't be read costs a line in the log, not the process.

discord.py lets whatever its parsers raise out of `connect()`: a voice channel without `bitrate`, a READY without
`shard` or a soundboard's event ended the bot for all servers (2.7.1). `received_message` is where all of them pass,
READY, RESUMED and the protocol's own included.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from contextlib import suppress
from typing import Any, TypeGuard, cast

import aiohttp
import discord
import discord.shard
import orjson
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from bot.kit.bot import CAME_BY, EVENT

AT_A_TIME = 0.02
"""Seconds after which what comes lets others go on."""
LARGE = 256 * 1024
"""Characters that no interaction has."""
log = logging.getLogger(__name__)

_LOST = (ReconnectWebSocket, discord.ConnectionClosed, aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""What the library goes on from by itself: it connects again."""


class SteadySocket(DiscordWebSocket):
    """The client is told of an event that is left out by `on_unreadable_event(name, data, error)`."""

    _message: object = None
    _came: float = 0.0
    _gave_way: float = 0.0

    def log_receive(self, message: object, /) -> None:
        """The library's hook for each message, once it is decompressed."""
        self._message = message
        # Of a large one nothing is kept: a task that it began would hold it.
        small = isinstance(message, str | bytes) and len(message) < LARGE
        EVENT.set(cast("str | bytes", message) if small else None)

    async def received_message(self, message: object, /) -> None:
        self._message = None
        if time.monotonic() - self._came > AT_A_TIME:
            self._gave_way = time.monotonic()  # the others had their turn while nothing came
        CAME_BY.set(self.shard_id)
        try:
            await super().received_message(message)
        except _LOST:
            raise
        except Exception as error:
            if self._message is None:
                # The stream is broken, and all that comes after it: connected again, with the library's patience.
                await self.close()
                raise ConnectionError(f"the gateway's stream can't be decompressed: {error}") from error
            self._leave_out(self._message, error)
        # What is there already comes without a wait: thousands of servers at a start would keep all else waiting.
        self._came = time.monotonic()
        if self._came - self._gave_way > AT_A_TIME:
            await asyncio.sleep(0)
            self._gave_way = time.monotonic()

    def _leave_out(self, message: object, error: Exception) -> None:
        try:
            event: object = orjson.loads(message) if isinstance(message, str | bytes) else None
        except ValueError:
            event = None
        name = event.get("t") if _is_object(event) else None
        data = event.get("d") if _is_object(event) else None
        if name == "READY" and _is_object(data):
            self._ready_at_least(data)
        self._dispatch("unreadable_event", str(name), data, error)

    def _ready_at_least(self, ready: dict[str, Any]) -> None:
        """What the library waits for before it calls itself ready; the servers come by themselves after it."""
        least = {"user": ready.get("user"), "shard": [self.shard_id or 0, self.shard_count or 1], "guilds": []}
        with suppress(Exception):
            self._discord_parsers["READY"](least)


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def steady_the_gateway() -> None:
    """Have the library connect with `SteadySocket`: a shard makes its sockets by this name."""
    discord.shard.DiscordWebSocket = SteadySocket  # pyright: ignore[reportPrivateImportUsage] - the only seam


class Heartbeats:
    """When Discord last acknowledged one on each shard. A connection that hears nothing any more looks as open as any
    other; the library makes a new one after a minute, which may be as dead.
    """

    def __init__(self) -> None:
        self._acknowledged: dict[int, float] = {}

    def ages(self, bot: discord.AutoShardedClient) -> dict[int, float]:
        """Each shard of this process → seconds since then; infinite: there is no connection yet."""
        now = time.perf_counter()
        ages: dict[int, float] = {}
        for id_, shard in bot.shards.items():
            # The library tells how long the last one took, and not when it came.
            socket: Any = shard._parent.ws  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            keeper = getattr(socket, "_keep_alive", None)
            if keeper is None:
                ages[id_] = math.inf
                continue
            last: float = keeper._last_ack  # noqa: SLF001 - of a new connection, when it began
            if math.isfinite(keeper.latency):
                self._acknowledged[id_] = last
            ages[id_] = now - self._acknowledged.get(id_, last)
        return ages
