"""What makes a process one of several: its requests wait for its lease, and it has a part of the work."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

import aiohttp

from bot.kit.own_token import BURST, REQUESTS_PER_SECOND
from bot.sharding import Sharding
from bot.store import turnstiles
from bot.store.failures import StoreUnavailable
from bot.store.processes import WAKE
from bot.store.signals import Signals

if TYPE_CHECKING:
    from types import SimpleNamespace

    from bot.environment import Environment
    from bot.kit.bot import Bot
    from bot.store.database import Database
    from bot.store.membership import Membership

log = logging.getLogger(__name__)


def fences(membership: Membership | None) -> list[aiohttp.TraceConfig]:
    """What keeps a process that lost its lease from asking for anything; None: nobody can take it."""
    if membership is None:
        return []
    trace = aiohttp.TraceConfig()
    fence(membership, trace)
    return [trace]


def fence(membership: Membership, trace: aiohttp.TraceConfig) -> None:
    """The last thing before a request is sent, after all waiting."""
    trace.on_request_start.append(partial(_hold, membership))


def share(bot: Bot, environment: Environment, database: Database, membership: Membership) -> Sharding:
    """Have a part of the work instead of all of it."""
    signals = bot.the(Signals)
    membership.hear = signals.hear
    signals.on("look", lambda _: membership.nudge())
    signals.on(WAKE, lambda name: database.waking(name).set())
    bot.keep(membership)
    return Sharding(bot, database, membership, environment.shard_count or 1)


async def next_turn(database: Database) -> float:
    """Seconds until this process may send a request with the bot's own token, which all processes share."""
    while True:
        try:
            return await database.run(turnstiles.take, "own token", interval=1 / REQUESTS_PER_SECOND, burst=BURST)
        except StoreUnavailable as error:
            log.warning("the turn of a request can't be had from the database: %s", error)
            await asyncio.sleep(1)


async def _hold(
    membership: Membership, _: aiohttp.ClientSession, __: SimpleNamespace, starts: aiohttp.TraceRequestStartParams
) -> None:
    """Not so the first answer to an interaction: it is worth nothing later, and Discord takes one only."""
    if not starts.url.path.endswith("/callback"):
        await membership.hold()
