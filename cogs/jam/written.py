"""Ideas that people write as messages: a reply to a jam's card, or in its own thread whatever mentions the bot."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import discord

from bot.cards.caller import caller_by_message
from bot.errors import BadValue, Barred, Repeated
from bot.kit.gate import Gate
from bot.kit.owner_alerts import OwnerAlerts
from bot.kit.refusals import refuse
from bot.kit.responses import PASSING
from bot.kit.written import WRITTEN, replied_to, without_mention
from bot.recent import Recent
from bot.store.database import Database, StoreUnavailable
from cogs.jam import round_rows
from cogs.jam import rows as jams
from cogs.jam.places import begun_in_thread
from cogs.jam.service import Jams
from cogs.jam.thread.host import JamHost

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from cogs.jam.records import Jam

log = logging.getLogger(__name__)

TAKEN: Final = "💡"
"""The reaction to a message that is an idea now."""
_TOLD_MOST: Final = 1000


class WrittenIdeas:
    """One for the process."""

    def __init__(self, bot: Bot, service: Jams) -> None:
        self._bot = bot
        self._jams = service
        self._told: Recent[tuple[int, int, str], None] = Recent(_TOLD_MOST)
        """By the jam and the person: the refusals that were told in words. The same again is one sign."""

    async def takes(self, message: discord.Message) -> bool:
        """Give a message to the jam that it is an idea for. False: it is for none. Never raises."""
        jam = await self._jam_of(message)
        if jam is None:
            return False
        await self._take(message, jam)
        return True

    async def _jam_of(self, message: discord.Message) -> Jam | None:
        if message.guild is None or message.type not in WRITTEN or self._bot.stopping.is_set():
            return None
        try:
            jam = await self._bot.the(Database).run(jams.in_channel, message.channel.id)
            if jam is None:
                return None
            me = self._bot.application_id
            if message.channel.id == jam.thread_id and not begun_in_thread(jam):
                return jam if any(one.id == me for one in message.mentions) else None
            replied = replied_to(message)
            if replied is None:
                return None
            is_its = (
                replied == jam.message_id or await self._bot.the(Database).run(round_rows.of_card, replied) == jam.id
            )
        except StoreUnavailable as error:
            log.warning("whether a message is for a jam is not known: %s", error)
            return None
        return jam if is_its else None

    async def _take(self, message: discord.Message, jam: Jam) -> None:
        caller = caller_by_message(self._bot, message)
        try:
            if await self._bot.the(Gate).refusal_of(self._bot, message) is not None:
                return
            given = await self._jams.add_idea(caller, jam.id, self._idea(message))
        except Repeated:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, who wrote is told, and the log
            await self._refuse(message, jam, error, caller.locale)
            return
        if given.joined and message.channel.id != jam.thread_id:
            self._bot.the(JamHost).add_to_thread(jam.thread_id or 0, message.author.id)
        try:
            await message.add_reaction(TAKEN)
        except PASSING as error:
            log.info("an idea has no sign that it was taken: %s", error)

    def _idea(self, message: discord.Message) -> str:
        """What it says, as people read it. BadValue: Discord shows the bot nothing of it."""
        if not (message.content or message.attachments):
            raise BadValue("jam.cant_read")
        said = without_mention(message.content, self._bot.application_id or 0)
        for one in message.mentions:
            said = said.replace(f"<@{one.id}>", one.display_name).replace(f"<@!{one.id}>", one.display_name)
        return said

    async def _refuse(self, message: discord.Message, jam: Jam, error: Exception, locale: str) -> None:
        known = (jam.id, message.author.id, str(error))
        # That somebody is barred is not for others to read.
        in_words = known not in self._told and not isinstance(error, Barred)
        self._told.put(known, None)
        await refuse(message, error, locale, self._bot.the(OwnerAlerts), in_words=in_words)
