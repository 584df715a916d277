"""What only the bot's owner can mend, told to them in a direct message: once an hour at most for the same cause."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import discord

from bot import errors
from bot.i18n import DEFAULT_LOCALE, text
from bot.kit.responses import PASSING
from bot.kit.short_cards import note
from bot.reasons import Reason
from bot.recent import Recent
from bot.store import key_values as facts
from bot.store.database import Database, StoreUnavailable

if TYPE_CHECKING:
    from bot.kit.bot import Bot

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
CAUSES = 100
WARNED_EVERY_SECONDS = 300.0
TELLING_SECONDS = 5.0
"""How long a person's own answer waits to be able to say that the owner has been told."""


class OwnerAlerts:
    """Direct messages to the application's owner (or its team's)."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._told: Recent[str, None] = Recent(CAUSES, seconds=EVERY_SECONDS)
        self._warned_at = -WARNED_EVERY_SECONDS
        self._arrived: Recent[Reason, None] = Recent(CAUSES, seconds=EVERY_SECONDS)
        self._sending: dict[Reason, asyncio.Task[bool]] = {}

    async def consider(self, error: BaseException) -> bool:
        """Tell the owner, if `error` is theirs to mend. True: it is, and they know. Never raises."""
        match error:
            case errors.KeyRefused():
                return await self.raise_(Reason.KEY_REFUSED)
            case errors.QuotaExhausted():
                return await self.raise_(Reason.QUOTA)
            case _:
                return False

    def answered_elsewhere(self, interaction_id: int) -> None:
        """Warn in the log, once in some minutes, that somebody else answered what came to this process; among several
        that share the work, it is another of them.
        """
        now = time.monotonic()
        if self._bot.share.is_whole and now - self._warned_at >= WARNED_EVERY_SECONDS:
            self._warned_at = now
            log.warning(
                "interaction %s was answered by somebody else and is left to them: a second process seems to run with "
                "this DISCORD_TOKEN; stop one of the two",
                interaction_id,
            )

    async def raise_(self, reason: Reason) -> bool:
        """Tell the owner of `reason`, unless they were told within the hour. True: the message arrived. Never raises.

        Whoever asks while it is on its way waits for it, for some seconds.
        """
        sending = self._sending.get(reason)
        if sending is None:
            sending = self._sending[reason] = asyncio.create_task(self._raise(reason))
            sending.add_done_callback(lambda _: self._sending.pop(reason, None))
        await asyncio.wait([sending], timeout=TELLING_SECONDS)
        return sending.done() and sending.result()

    async def _raise(self, reason: Reason) -> bool:
        if reason in self._arrived:
            return True
        key = "owner.key_refused" if reason is Reason.KEY_REFUSED else "owner.quota"
        if not await self.tell(reason, text(DEFAULT_LOCALE, key)):
            return False
        self._arrived.put(reason, None)
        return True

    async def _is_first(self, reason: str) -> bool:
        """Whether no other process told the owner of it within the hour."""
        key = f"told {reason}"
        try:
            return await self._bot.the(Database).run(facts.put_time, key, time.time(), every=EVERY_SECONDS)
        except StoreUnavailable as error:
            log.warning("whether another process told the owner of %s is not known: %s", reason, error)
            return True

    async def tell(self, reason: str, said: str) -> bool:
        """Send the owner `said`, unless they were told of `reason` within the hour. Never raises.

        False: they were not told now.
        """
        if reason in self._told:
            return False
        application = self._bot.application
        team = application.team if application else None
        owner_id = (team.owner_id if team else None) or (application.owner.id if application else None)
        if owner_id is None:
            log.warning("the owner of the application is not known: not told of %s", reason)
            return False
        if not self._bot.share.is_whole and not await self._is_first(reason):
            return False
        # Before it is sent: many may fail in one second. Closed direct messages are closed for the hour, too.
        self._told.put(reason, None)
        try:
            owner = await self._bot.fetch_user(owner_id)
            await owner.send(view=note(said))
        except discord.Forbidden as error:
            log.warning("the owner could not be told of %s: %s", reason, error)
        except PASSING as error:
            self._told.pop(reason)
            log.warning("the owner could not be told of %s yet: %s", reason, error)
        else:
            return True
        return False
