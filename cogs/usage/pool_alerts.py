"""Tells a server's alert channel when a pool of credits is used to 50, 75, 90 and 100 %, once each a day or month.

In the background, after the order's transaction: an order neither waits for an alert nor fails with it. What is told
is what was settled, so a pool with something reserved is looked at again. It is noted as told once Discord has taken
it: until then it is tried again, also by the next process.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, NamedTuple

import discord

from bot.i18n import DEFAULT_LOCALE, text
from bot.kit.responses import PASSING
from bot.kit.short_cards import note
from bot.orders import ledger
from bot.orders.costs import pools_at
from bot.orders.policy import rules_at, stored_values
from bot.recent import Recent
from bot.settings import Place, Scope
from bot.settings import stored as settings
from bot.store.database import StoreUnavailable
from cogs.usage import alerted_rows as alerted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.environment import Environment
    from bot.kit.bot import Bot
    from bot.orders.ledger import Ceiling
    from bot.store.database import Database

log = logging.getLogger(__name__)

STEPS = (50, 75, 90, 100)
"""In % of the pool."""
LOOK_WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds before the next looks at a pool with something reserved; the last is for all that follow."""
SEND_WAITS = (1.0, 10.0, 60.0, 600.0, 3600.0)
"""Seconds that a channel is left alone after Discord failed."""
LEFT_ALONE_SECONDS = 3600.0
"""After Discord refused the channel: it is gone, or closed to the bot."""
PLACES = 1000
"""Places of all servers that wait to be looked at, at most: what is left out is seen with the next order there."""
CLOSED_AT_MOST = 1000


class Reached(NamedTuple):
    """A pool that was used to `percent` %, and where and in which language that is to be told."""

    guild_id: int
    channel_id: int
    log_channel_id: int
    """Where moderators read of it when the alert channel can't be used; 0: nowhere."""
    locale: str
    ceiling: Ceiling
    used: int
    percent: int


class _Due(NamedTuple):
    """When (monotonic seconds) a place is looked at, and how often it was since the last order there."""

    at: float
    looks: int


class _Closed(NamedTuple):
    """A channel that is left alone until (monotonic seconds); `refused`: another one may be told in its stead."""

    until: float
    tries: int
    refused: bool


class PoolAlerts:
    """`run()` for as long as the process lives; `note` returns at once and never raises."""

    def __init__(self, bot: Bot, database: Database, environment: Environment) -> None:
        self._database = database
        self._environment = environment
        self._bot = bot
        self._due: dict[Place, _Due] = {}
        self._noted = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._closed: Recent[int, _Closed] = Recent(CLOSED_AT_MOST)

    def note(self, place: Place) -> None:
        """Something was ordered at `place`. Many at once are one look."""
        if place.guild_id is not None and (place in self._due or len(self._due) < PLACES):
            self._due[place] = _Due(time.monotonic(), 0)
            self._noted.set()

    async def run(self) -> None:
        """Look at all pools once, for what the process before this one left untold; then where something is ordered."""
        try:
            await self._bot.wait_until_ready()
            await self._look_everywhere()
            while True:
                await self._next()
                now = time.monotonic()
                for place, due in [each for each in self._due.items() if each[1].at <= now]:
                    del self._due[place]
                    await self._look(place, due.looks)
        finally:
            for task in self._tasks.values():
                task.cancel()

    async def _next(self) -> None:
        """Until a place is due."""
        first = min((due.at for due in self._due.values()), default=None)
        wait = None if first is None else max(0.0, first - time.monotonic())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._noted.wait()
        self._noted.clear()

    async def _look_everywhere(self) -> None:
        while True:
            try:
                places = await self._database.run(_places_with_pools)
                break
            except StoreUnavailable as error:
                log.warning("alerts of pools wait for the database: %s", error)
                await asyncio.sleep(LOOK_WAITS[-1])
        for place in places:
            self._later(place, 0.0, 0)

    async def _look(self, place: Place, looks: int) -> None:
        guild_id = place.guild_id or 0
        if guild_id in self._tasks:
            # What it tells is not noted yet, and would be told twice.
            self._later(place, LOOK_WAITS[0], looks)
            return
        try:
            reached, more = await self._database.run(_reached, place, self._environment, now=time.time())
        except StoreUnavailable as error:
            log.warning("alerts of pools wait for the database: %s", error)
            self._later(place, LOOK_WAITS[-1], looks)
            return
        except Exception:
            log.exception("the pools of a server could not be looked at")
            return
        if reached:
            # Beside the others: one server's Discord may be slow.
            task = asyncio.create_task(self._tell(place, reached), name=f"pool-alert-{guild_id}")
            self._tasks[guild_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(guild_id, None))
        elif more:
            self._later(place, LOOK_WAITS[min(looks, len(LOOK_WAITS) - 1)], looks + 1)

    def _later(self, place: Place, seconds: float, looks: int) -> None:
        due = _Due(time.monotonic() + seconds, looks)
        if place not in self._due or due.at < self._due[place].at:
            self._due[place] = due
            self._noted.set()

    async def _tell(self, place: Place, reached: Sequence[Reached]) -> None:
        try:
            for one in reached:
                wait = await self._send(one)
                if wait is not None:
                    self._later(place, wait, 0)
                    return
                await self._database.run(alerted.told, guild_id=one.guild_id, ceiling=one.ceiling, percent=one.percent)
        except Exception:
            log.exception("alert channel %s was not told of a pool", reached[0].channel_id)
        else:
            self._later(place, LOOK_WAITS[0], 0)

    async def _send(self, reached: Reached) -> float | None:
        """Tell the alert channel, or the log channel where that one is refused. The seconds to wait; None: told."""
        guild = self._bot.get_guild(reached.guild_id)
        if guild is None:
            return LEFT_ALONE_SECONDS
        said = sentence(reached)
        for channel_id in dict.fromkeys((reached.channel_id, reached.log_channel_id)):
            closed, now = self._closed.get(channel_id), time.monotonic()
            if not channel_id or (closed is not None and closed.refused and closed.until > now):
                continue
            if closed is not None and closed.until > now:
                return closed.until - now
            if channel_id != reached.channel_id:
                said += f"\n-# {text(reached.locale, 'pool.instead', channel=f'<#{reached.channel_id}>')}"
            try:
                await _post(guild, channel_id, said)
            except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
                self._close(channel_id, error, refused=True)
            except PASSING as error:
                return self._close(channel_id, error, refused=False)
            else:
                self._closed.pop(channel_id)
                return None
        return LEFT_ALONE_SECONDS

    def _close(self, channel_id: int, error: Exception, *, refused: bool) -> float:
        """Leave a channel alone; for how many seconds."""
        before = self._closed.get(channel_id)
        tries = 0 if before is None else before.tries + 1
        wait = LEFT_ALONE_SECONDS if refused else SEND_WAITS[min(tries, len(SEND_WAITS) - 1)]
        self._closed.put(channel_id, _Closed(time.monotonic() + wait, tries, refused))
        log.warning("not told of a pool, trying again in %s s: %s", int(wait), error, extra={"channel": channel_id})
        return wait


async def _post(guild: discord.Guild, channel_id: int, said: str) -> None:
    # In this server only: what is spent here is not told elsewhere, whatever was set.
    channel = guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)
    if not isinstance(channel, discord.abc.Messageable):
        raise discord.InvalidData("no messages can be sent to a channel of its type")
    await channel.send(view=note(said), allowed_mentions=discord.AllowedMentions.none())


def sentence(reached: Reached) -> str:
    """Which pool, how much of how much, and when it begins anew."""
    locale, account = reached.locale, reached.ceiling.account
    facts = {
        "percent": reached.percent,
        "used": f"{reached.used:,}",
        "limit": f"{reached.ceiling.limit:,}",
        "period": text(locale, "pool.today" if account.period == "day" else "pool.this_month"),
    }
    used_up = reached.used >= reached.ceiling.limit
    if account.kind == "server":
        said = text(locale, "pool.server_used_up" if used_up else "pool.server_reached", **facts)
    else:
        key = "pool.channel_used_up" if used_up else "pool.channel_reached"
        said = text(locale, key, channel=f"<#{account.owner_id}>", **facts)
    ends = ledger.period_end(account.period, account.starts)
    anew = "" if ends is None else f"\n-# {text(locale, 'pool.anew', when=f'<t:{int(ends)}:R>')}"
    return f"{said}{anew}"


def _reached(
    connection: Connection, place: Place, environment: Environment, *, now: float
) -> tuple[list[Reached], bool]:
    """The pools of a place that have reached a step which nobody was told of; and whether with what is reserved there
    is, or would be, another.
    """
    values = stored_values(connection, place)
    rules = rules_at(place, values, environment)
    guild_id, channel_id = place.guild_id or 0, int(rules.value("alert_channel"))
    if not channel_id:
        return [], False
    # The server's: who reads the channel need not be in the one where something was ordered.
    of_server = values.get((Scope.SERVER, guild_id), {})
    locale = str(of_server.get("language") or DEFAULT_LOCALE)
    # A channel's own log may be read by others than those who may see the server's credits.
    log_channel_id = int(str(of_server.get("log_channel") or 0))
    found: list[Reached] = []
    more = False
    for ceiling in pools_at(place, rules, now):
        level = alerted.level(connection, guild_id=guild_id, ceiling=ceiling, steps=STEPS)
        more |= level.more
        if level.percent is not None:
            found.append(Reached(guild_id, channel_id, log_channel_id, locale, ceiling, level.spent, level.percent))
    return found, more


def _places_with_pools(connection: Connection) -> list[Place]:
    """A place for each pool of each server that has an alert channel."""
    servers = settings.of_servers(connection, keys=("alert_channel", "server_pool"))
    told = {id_ for id_, values in servers.items() if values.get("alert_channel")}
    pools = [(id_, id_) for id_ in told if "server_pool" in servers[id_]]
    pools += [each for each in settings.channels_with(connection, key="channel_pool") if each[0] in told]
    return [Place(channel_id, guild_id=guild_id) for guild_id, channel_id in pools]
