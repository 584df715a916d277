"""Tells a server's alert channel when a pool of credits is used to 50, 75, 90 and 100 %, once each a day or month.

What is to be told is stored with what was settled, and forgotten once Discord has taken it: until then it is tried
again, also by the next process. An order neither waits for an alert nor fails with it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from bot.background import happens
from bot.i18n import text
from bot.kit.moderator_channels import Closed, ModeratorChannels
from bot.kit.posting import NotNow
from bot.kit.short_cards import note
from bot.orders import pool_steps
from bot.periods import period_end
from bot.store.failures import StoreUnavailable
from bot.store.writes import until_committed
from cogs.usage.alert_rows import Alert, alerts, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.kit.bot import Bot
    from bot.kit.posting import Posting
    from bot.store.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks while something is to be told."""
IDLE_SECONDS = 15.0
"""Where nothing is, and nothing of this process wakes it: another may spend, and an alert channel be chosen."""
DATABASE_SECONDS = 60.0
"""Before the next look at a database that can't be had."""
CLOSED_SECONDS = 3600.0
"""A closed channel is left alone: what is to be told there is not lost."""


class PoolAlerts:
    """`run()` for as long as the process lives."""

    def __init__(self, bot: Bot, database: Database, posting: Posting) -> None:
        self._database = database
        self._bot = bot
        self._channels = ModeratorChannels(posting, closed_seconds=CLOSED_SECONDS)
        self._telling: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            await self._bot.wait_until_ready()
            spent = self._database.waking(pool_steps.DUE)
            while True:
                spent.clear()
                try:
                    wait = LOOK_SECONDS if await self._look() else IDLE_SECONDS
                except StoreUnavailable as error:
                    log.warning("alerts of pools wait for the database: %s", error)
                    wait = DATABASE_SECONDS
                await happens(spent, within=wait)
        finally:
            for task in self._telling.values():
                task.cancel()

    async def _look(self) -> bool:
        """Begin to tell what is due. False: nothing is."""
        telling = set(self._telling)  # what these tell may be told by the time that it is read here
        due = await self._database.run(alerts, now=time.time())
        due = [each for each in due if self._bot.share.holds(each.guild_id)]
        for guild_id in {each.guild_id for each in due} - telling:
            # Beside the others: one server's Discord may be slow.
            of_guild = [each for each in due if each.guild_id == guild_id]
            task = asyncio.create_task(self._tell(of_guild), name=f"pool-alert-{guild_id}")
            self._telling[guild_id] = task
            task.add_done_callback(lambda _, guild_id=guild_id: self._telling.pop(guild_id, None))
        return bool(due)

    async def _tell(self, due: Sequence[Alert]) -> None:
        for alert in due:
            try:
                if await self._post(alert):
                    await until_committed(self._database, told, alert)
            except Exception:
                log.exception("moderators were not told of a pool", extra={"channel": alert.channel_id})

    async def _post(self, alert: Alert) -> bool:
        """Tell the alert channel, or the log channel where that one is closed. False: neither takes it now."""
        said = sentence(alert)
        instead = text(alert.locale, "pool.instead", channel=f"<#{alert.channel_id}>")
        nonce = f"p{alert.account_id}.{alert.percent}.{alert.ceiling}"[:25]
        for channel_id in dict.fromkeys((alert.channel_id, alert.log_channel_id)):
            view = note(said if channel_id == alert.channel_id else f"{said}\n-# {instead}")
            try:
                if channel_id:
                    await self._channels.post(alert.guild_id, channel_id, lambda _, view=view: view, nonce=nonce)
                    return True
            except Closed:
                continue
            except NotNow:
                break
        return False


def sentence(alert: Alert) -> str:
    """Which pool, how much of how much, and when it begins anew."""
    locale, account = alert.locale, alert.account
    facts = {
        "percent": alert.percent,
        "used": f"{alert.spent:,}",
        "limit": f"{alert.ceiling:,}",
        "period": text(locale, "pool.today" if account.period == "day" else "pool.this_month"),
    }
    used_up = alert.spent >= alert.ceiling
    if account.kind == "server":
        said = text(locale, "pool.server_used_up" if used_up else "pool.server_reached", **facts)
    else:
        key = "pool.channel_used_up" if used_up else "pool.channel_reached"
        said = text(locale, key, channel=f"<#{account.owner_id}>", **facts)
    ends = period_end(account.period, account.starts)
    anew = "" if ends is None else f"\n-# {text(locale, 'pool.anew', when=f'<t:{int(ends)}:R>')}"
    return f"{said}{anew}"
