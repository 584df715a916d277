"""The log channel of moderators: who ordered what with which model, one line-card an order.

In the background: an order neither waits for its line nor fails with it. Each log channel has its own line of waiting
cards, since Discord limits each by itself; all of them are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.i18n import locale_of, text
from bot.kit.audience import others_in
from bot.kit.cog import Submitted
from bot.kit.components import Card
from bot.kit.links import message_link
from bot.kit.moderator_channels import Closed, ModeratorChannels
from bot.kit.places import place_at
from bot.kit.posting import NotNow, Refused
from bot.kit.titles import prompt_title
from bot.text import escape, shorten, title

if TYPE_CHECKING:
    from bot.generation.ordering.orders import Orders
    from bot.kit.audience import Channel
    from bot.kit.bot import Bot
    from bot.kit.posting import Posting

log = logging.getLogger(__name__)

PROMPT_LIMIT = 500
WAITING = 1000
"""Orders of all servers that wait to be looked at, at most."""
WAITING_IN_CHANNEL = 100
"""Cards that wait for one channel, at most: Discord takes about one a second."""
CLOSED_SECONDS = 60.0
"""Not longer: what is ordered meanwhile is not noted."""


class Logbook:
    """`run()` for as long as the process lives; `note` returns at once and never raises."""

    def __init__(self, bot: Bot, orders: Orders, posting: Posting) -> None:
        self._orders = orders
        self._bot = bot
        self._channels = ModeratorChannels(posting, closed_seconds=CLOSED_SECONDS)
        self._entries: asyncio.Queue[Submitted] = asyncio.Queue(WAITING)
        self._lines: dict[int, deque[tuple[Submitted, str]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, entry: Submitted) -> None:
        """Note an order. Outside servers there are no moderators to read it."""
        if entry.place.guild_id is None or entry.log_channel == 0:
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

    async def _hand_over(self, entry: Submitted) -> None:
        channel_id = entry.log_channel
        if channel_id is None:
            channel_id = int((await self._orders.rules(entry.place)).value("log_channel"))
        guild = self._bot.get_guild(entry.place.guild_id or 0)
        if not channel_id or guild is None:
            return
        # In the language of whoever reads the log, not of where it was ordered.
        read = await self._orders.rules(place_at(guild.get_channel_or_thread(channel_id), channel_id, guild.id))
        locale = read.value("language") or locale_of(guild.preferred_locale)
        line = self._lines.get(channel_id)
        if line is None:
            line = self._lines[channel_id] = deque()
            task = asyncio.create_task(self._send_all(guild, channel_id, line), name=f"log-channel-{channel_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif len(line) >= WAITING_IN_CHANNEL:
            line.popleft()
            fields = {"guild": guild.id, "channel": channel_id}
            log.warning("a log channel can't keep up: the oldest of its cards is left out", extra=fields)
        line.append((entry, locale))

    async def _send_all(self, guild: discord.Guild, channel_id: int, line: deque[tuple[Submitted, str]]) -> None:
        """Send what stands in a channel's line, one after the other, until nothing does."""
        try:
            while line:
                try:
                    await self._send(guild, channel_id, *line.popleft())
                except Closed:
                    return
                except Refused:
                    continue
                except Exception:
                    fields = {"guild": guild.id, "channel": channel_id}
                    log.exception("a card is not sent to a log channel", extra=fields)
        finally:
            # Nothing can have been added since the last look: there was no pause in between.
            del self._lines[channel_id]

    async def _send(self, guild: discord.Guild, channel_id: int, entry: Submitted, locale: str) -> None:
        """The one place where cards of the logbook leave, with the bot's own token."""

        def card(channel: Channel) -> Card:
            return line_card(entry, locale, hide=bool(others_in(channel, entry.place, private=entry.private)))

        nonce = secrets.token_hex(12)
        while True:
            try:
                await self._channels.post(guild.id, channel_id, card, nonce=nonce, silent=True)
            except (Closed, Refused):
                raise
            except NotNow:
                await asyncio.sleep(self._channels.wait(channel_id))
            else:
                return


def line_card(entry: Submitted, locale: str, *, hide: bool = False) -> Card:
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
