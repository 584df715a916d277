"""The log channel of moderators: who ordered what with which model, one line-card an order.

In the background: an order neither waits for its line nor fails with it. Each log channel has its own line of waiting
cards, since Discord limits each by itself; all of them are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.i18n import locale_of, text
from bot.kit.audience import others_in
from bot.kit.cog import Placed
from bot.kit.components import Card
from bot.kit.links import message_link
from bot.kit.responses import PASSING
from bot.kit.titles import prompt_title
from bot.recent import Recent
from bot.text import escape, shorten, title

if TYPE_CHECKING:
    from bot.generation.orders import Orders
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

PROMPT_LIMIT = 500
WAITING = 1000
"""Orders of all servers that wait to be looked at, at most."""
WAITING_IN_CHANNEL = 100
"""Cards that wait for one channel, at most: Discord takes about one a second."""
TOLD_SECONDS = 3600.0
LEFT_ALONE_SECONDS = 60.0
"""After Discord refused a card: refusals count against the bot's address."""
REFUSING_AT_MOST = 1000


class Logbook:
    """`run()` for as long as the process lives; `note` returns at once and never raises."""

    def __init__(self, bot: Bot, orders: Orders) -> None:
        self._orders = orders
        self._bot = bot
        self._entries: asyncio.Queue[Placed] = asyncio.Queue(WAITING)
        self._channels: dict[int, deque[tuple[Placed, str]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: Recent[int, None] = Recent(REFUSING_AT_MOST, seconds=TOLD_SECONDS)
        self._left_alone: Recent[int, None] = Recent(REFUSING_AT_MOST, seconds=LEFT_ALONE_SECONDS)

    def note(self, entry: Placed) -> None:
        """Note an order. Outside servers there are no moderators to read it."""
        if entry.place.guild_id is None:
            return
        if self._entries.full():
            self._entries.get_nowait()
            self._entries.task_done()
            log.warning("more orders than can be noted in log channels: the oldest is left out")
        self._entries.put_nowait(entry)

    async def run(self) -> None:
        """Look up the log channel of each order, and hand its card over to that channel's line."""
        try:
            while True:
                entry = await self._entries.get()
                try:
                    await self._hand_over(entry)
                except Exception:
                    log.exception("an order is not noted in the log channel")
                self._entries.task_done()
        finally:
            for task in self._tasks:
                task.cancel()

    async def finish(self, seconds: float) -> None:
        """The process ends: give what waits `seconds` to be sent."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._entries.join()
                await asyncio.gather(*self._tasks)

    async def _hand_over(self, entry: Placed) -> None:
        rules = await self._orders.rules(entry.place)
        channel_id = int(rules.value("log_channel"))
        guild = self._bot.get_guild(entry.place.guild_id or 0)
        if not channel_id or guild is None:
            return
        if channel_id in self._left_alone:
            return
        line = self._channels.get(channel_id)
        if line is None:
            line = self._channels[channel_id] = deque()
            task = asyncio.create_task(self._send_all(guild, channel_id, line), name=f"log-channel-{channel_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(line) >= WAITING_IN_CHANNEL:
            line.popleft()
            fields = {"guild": guild.id, "channel": channel_id}
            log.warning("a log channel can't keep up: the oldest of its cards is left out", extra=fields)
        line.append((entry, rules.value("language") or locale_of(guild.preferred_locale)))

    async def _send_all(self, guild: discord.Guild, channel_id: int, line: deque[tuple[Placed, str]]) -> None:
        """Send what stands in a channel's line, one after the other, until nothing does."""
        try:
            while line:
                try:
                    await self._send(guild, channel_id, *line.popleft())
                except (discord.Forbidden, discord.NotFound, discord.InvalidData) as error:
                    self._refused(guild.id, channel_id, str(error))
                    return
                except PASSING as error:
                    self._tell_once(guild.id, channel_id, str(error))
                except Exception:
                    fields = {"guild": guild.id, "channel": channel_id}
                    log.exception("a card is not sent to a log channel", extra=fields)
        finally:
            # Nothing can have been added since the last look: there was no pause in between.
            del self._channels[channel_id]

    async def _send(self, guild: discord.Guild, channel_id: int, entry: Placed, locale: str) -> None:
        """The one place where cards of the logbook leave, with the bot's own token."""
        # In this server only: what is ordered here is not told elsewhere, whatever was set.
        channel = guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)
        if not isinstance(channel, discord.abc.Messageable):
            raise discord.InvalidData("no messages can be sent to a channel of its type")
        # Now, not when it was set: who may read it changes.
        view = line_card(entry, locale, hide=bool(others_in(channel, entry.place, private=entry.private)))
        await channel.send(view=view, allowed_mentions=discord.AllowedMentions.none(), silent=True)

    def _refused(self, guild_id: int, channel_id: int, why: str) -> None:
        """Deleted, of another server, or not open to the bot: what waits is left out, and tried again in a while."""
        self._left_alone.put(channel_id, None)
        self._tell_once(guild_id, channel_id, why)

    def _tell_once(self, guild_id: int, channel_id: int, why: str) -> None:
        if channel_id in self._told:
            return
        self._told.put(channel_id, None)
        log.warning("a log channel can't be used: %s", why, extra={"guild": guild_id, "channel": channel_id})


def line_card(entry: Placed, locale: str, *, hide: bool = False) -> Card:
    """What moderators read of one order. A private one has no link: nobody else could follow it.

    `hide`: without what was written, since others read the channel too.
    """
    command = text(locale, "log.again", command=entry.command) if entry.again else entry.command
    here = entry.place.here
    facts = [f"<@{entry.person_id}>", command, escape(shorten(entry.model, 100)), f"<#{here}>"]
    if entry.private:
        facts.append(text(locale, "log.private"))
    elif entry.message_id is not None:
        link = message_link(entry.place.guild_id, here, entry.message_id)
        facts.append(f"[{text(locale, 'jobs.message')}]({link})")
    if entry.file_name is not None and not hide:
        facts.append(title(entry.file_name, 60))
    said = text(locale, "log.hidden") if hide else prompt_title(entry.prompt, locale, PROMPT_LIMIT)
    return Card(ui.TextDisplay(f"{said}\n-# {' · '.join(facts)}"))
