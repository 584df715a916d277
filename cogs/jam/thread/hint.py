"""Who writes in a jam's thread, and not to the bot, gives no idea: the thread is told so, once."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from bot.i18n import text
from bot.kit.hearing import Hearing
from bot.kit.links import message_link
from bot.kit.posting import NotNow
from bot.kit.short_cards import note
from bot.recent import Recent
from bot.store.database import StoreUnavailable
from cogs.jam import rows as jams
from cogs.jam.places import begun_in_thread
from cogs.jam.states import JamState
from cogs.jam.thread.ending import says

if TYPE_CHECKING:
    from bot.kit.bot import Bot
    from bot.kit.posting import Posting
    from bot.store.database import Database
    from cogs.jam.records import Jam

log = logging.getLogger(__name__)

_MOST: Final = 10_000


class Hint:
    """At most once a jam: what this process told is kept in memory, what one before it told stands in the thread."""

    def __init__(self, bot: Bot, database: Database, posting: Posting) -> None:
        self._bot = bot
        self._database = database
        self._posting = posting
        self._told: Recent[int, None] = Recent(_MOST)
        self._tasks: set[asyncio.Task[None]] = set()

    def listen(self, jam: Jam) -> None:
        """While it takes ideas. In a thread that was there before the jam people talk of other things."""
        if jam.thread_id is None or begun_in_thread(jam) or jam.id in self._told:
            return
        overheard = self._bot.the(Hearing).overheard
        if jam.state == JamState.OPEN:
            overheard.put(str(jam.thread_id), lambda: self._heard(jam.id))
        else:
            overheard.pop(str(jam.thread_id))

    def _heard(self, jam_id: int) -> None:
        self._told.put(jam_id, None)
        task = asyncio.create_task(self._tell(jam_id), name=f"jam-hint-{jam_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, jam_id: int) -> None:
        try:
            jam, round_ = await self._database.run(jams.with_round, jam_id, None) or (None, None)
            if jam is None or round_ is None or jam.thread_id is None or not self._bot.share.holds(jam.guild_id):
                return
            if jam.state != JamState.OPEN or round_.message_id is None:
                self._told.pop(jam_id)
                return
            link = message_link(jam.guild_id, jam.thread_id, round_.message_id)
            said = text(jam.locale, "jam.write_to_me", link=link)
            # What an earlier round, or the process before, told links another card.
            before = said.partition("[")[0]
            if await self._posting.posted_before(jam.thread_id, lambda message: says(message, before)) is None:
                await self._posting.post(jam.thread_id, note(said), nonce=f"jam{jam.id}.hint")
        except (NotNow, StoreUnavailable) as error:
            log.info("jam %s: that an idea is a reply is not said: %s", jam_id, error)
            self._told.pop(jam_id)
