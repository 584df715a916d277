"""What only the bot's owner can mend, told to them in a direct message: once an hour at most for the same cause."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import discord

from bot import errors
from bot.generation.reasons import Reason
from bot.i18n import DEFAULT_LOCALE, text
from bot.ui.notes import note
from bot.ui.responses import PASSING

if TYPE_CHECKING:
    from bot.ui.typing import Bot

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
WARNED_EVERY_SECONDS = 300.0


class OwnerAlerts:
    """Direct messages to the application's owner (or its team's)."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        self._warned_at = -WARNED_EVERY_SECONDS
        self._bot: Bot | None = None

    def attach(self, bot: Bot) -> None:
        """From now on alerts go out through `bot`."""
        self._bot = bot

    async def consider(self, error: BaseException) -> None:
        """Tell the owner, if `error` is theirs to mend."""
        match error:
            case errors.KeyRefused():
                await self.raise_(Reason.KEY_REFUSED)
            case errors.QuotaExhausted():
                await self.raise_(Reason.QUOTA)
            case _:
                pass

    def answered_elsewhere(self, interaction_id: int) -> None:
        """Warn in the log, once in some minutes, that somebody else answered what came to this process."""
        now = time.monotonic()
        if now - self._warned_at >= WARNED_EVERY_SECONDS:
            self._warned_at = now
            log.warning(
                "interaction %s was answered by somebody else and is left to them: a second process seems to run with "
                "this DISCORD_TOKEN; stop one of the two",
                interaction_id,
            )

    async def raise_(self, reason: Reason) -> None:
        """Tell the owner of `reason`, unless they were told within the hour. Never raises."""
        key = "owner.key_refused" if reason is Reason.KEY_REFUSED else "owner.quota"
        await self.tell(reason, text(DEFAULT_LOCALE, key))

    async def tell(self, reason: str, said: str) -> bool:
        """Send the owner `said`, unless they were told of `reason` within the hour. Never raises.

        False: they were not told now.
        """
        now = time.monotonic()
        if self._bot is None or now - self._told.get(reason, -EVERY_SECONDS) < EVERY_SECONDS:
            return False
        application = self._bot.application
        team = application.team if application else None
        owner_id = (team.owner_id if team else None) or (application.owner.id if application else None)
        if owner_id is None:
            log.warning("the owner of the application is not known: not told of %s", reason)
            return False
        # Before it is sent: many may fail in one second. Closed direct messages are closed for the hour, too.
        self._told[reason] = now
        try:
            owner = await self._bot.fetch_user(owner_id)
            await owner.send(view=note(said))
        except discord.Forbidden as error:
            log.warning("the owner could not be told of %s: %s", reason, error)
        except PASSING as error:
            del self._told[reason]
            log.warning("the owner could not be told of %s yet: %s", reason, error)
        else:
            return True
        return False
