"""Tells a server's alert channel when a pool of credits is used to 50, 75, 90 and 100 %, once each.

In the background, after the order's transaction: an order neither waits for an alert nor fails with it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, NamedTuple

import discord

from bot.generation.costs import pools_at
from bot.generation.orders import stored_values
from bot.generation.policy import rules_at
from bot.i18n import DEFAULT_LOCALE, text
from bot.settings import Place, Scope
from bot.store import ledger
from bot.ui.notes import note
from bot.ui.responses import PASSING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.environment import Environment
    from bot.store.database import Database
    from bot.store.ledger import Ceiling
    from bot.ui.typing import Bot

log = logging.getLogger(__name__)

STEPS = (50, 75, 90, 100)
"""In % of the pool."""
WAITS = (1.0, 10.0, 60.0)
"""Seconds before the next tries to send one."""
PLACES = 1000
"""Places of all servers that wait to be looked at, at most: what is left out is seen with the next order there."""


class Reached(NamedTuple):
    """A pool that was used to `percent` %, and where and in which language that is to be told."""

    guild_id: int
    channel_id: int
    locale: str
    ceiling: Ceiling
    used: int
    percent: int


class PoolAlerts:
    """`run()` for as long as the process lives; `note` returns at once and never raises."""

    def __init__(self, database: Database, environment: Environment) -> None:
        self._database = database
        self._environment = environment
        self._bot: Bot | None = None
        self._places: dict[Place, None] = {}
        self._noted = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def attach(self, bot: Bot) -> None:
        """From now on alerts are sent through `bot`."""
        self._bot = bot

    def note(self, place: Place) -> None:
        """Something was ordered at `place`. Many at once are one look."""
        if place.guild_id is not None and len(self._places) < PLACES:
            self._places[place] = None
            self._noted.set()

    async def run(self) -> None:
        """Look at the pools of each place that was noted."""
        try:
            while True:
                await self._noted.wait()
                self._noted.clear()
                places, self._places = self._places, {}
                for place in places:
                    try:
                        found = await self._database.run(_reached, place, self._environment, now=time.time())
                    except Exception:
                        log.exception("the pools of a server could not be looked at")
                        continue
                    for one in found:
                        # Beside the others: one server's Discord may be slow.
                        task = asyncio.create_task(self._tell(one), name=f"pool-alert-{one.guild_id}")
                        self._tasks.add(task)
                        task.add_done_callback(self._tasks.discard)
        finally:
            for task in self._tasks:
                task.cancel()

    async def _tell(self, reached: Reached) -> None:
        for wait in (*WAITS, None):
            try:
                await self._send(reached)
            except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
                log.warning("alert channel %s can't be used: %s", reached.channel_id, error)
                return
            except PASSING as error:
                if wait is None:
                    log.warning("alert channel %s was not told of a pool: %s", reached.channel_id, error)
                    return
                await asyncio.sleep(wait)
            except Exception:
                log.exception("alert channel %s was not told of a pool", reached.channel_id)
                return
            else:
                return

    async def _send(self, reached: Reached) -> None:
        guild = self._bot.get_guild(reached.guild_id) if self._bot else None
        if guild is None:
            return
        # In this server only: what is spent here is not told elsewhere, whatever was set.
        channel = guild.get_channel_or_thread(reached.channel_id) or await guild.fetch_channel(reached.channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            raise discord.InvalidData("no messages can be sent to a channel of its type")
        await channel.send(view=note(sentence(reached)), allowed_mentions=discord.AllowedMentions.none())


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


def _reached(connection: Connection, place: Place, environment: Environment, *, now: float) -> list[Reached]:
    """The pools that have reached a step which nobody was told of; from now on somebody was."""
    values = stored_values(connection, place)
    rules = rules_at(place, values, environment)
    guild_id, channel_id = place.guild_id or 0, int(rules.value("alert_channel"))
    if not channel_id:
        return []
    # The server's: who reads the channel need not be in the one where something was ordered.
    language = values.get((Scope.SERVER, guild_id), {}).get("language")
    found: list[Reached] = []
    for ceiling in pools_at(place, rules, now):
        percent = ledger.alert(connection, guild_id=guild_id, ceiling=ceiling, steps=STEPS)
        if percent is not None:
            used = ledger.balance(connection, guild_id=guild_id, account=ceiling.account).used
            found.append(Reached(guild_id, channel_id, str(language or DEFAULT_LOCALE), ceiling, used, percent))
    return found
