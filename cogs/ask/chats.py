"""Threads that /chat opened, and direct messages: what is said there is one conversation. Known in memory."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.kit.hearing import Hearing
from bot.recent import Recent
from bot.store.database import Database
from cogs.ask import chat_rows as rows
from cogs.ask.chat_rows import Chat

if TYPE_CHECKING:
    from collections.abc import Generator

    from bot.kit.bot import Bot

MOST_KNOWN: Final = 10_000
"""Chats in memory; of others the row is read again."""


class Chats:
    """`watches`: whether every message in such a thread may be for the bot, which takes the text of all messages."""

    def __init__(self, bot: Bot, *, watches: bool) -> None:
        self._bot = bot
        self._watches = watches
        self._known: Recent[int, Chat | None] = Recent(MOST_KNOWN)
        self._opening = Counter[tuple[int, int]]()

    @contextmanager
    def opening(self, person_id: int, guild_id: int) -> Generator[int]:
        """While inside, a person is opening a chat in a server; how many they are, with this one."""
        key = person_id, guild_id
        self._opening[key] += 1
        try:
            yield self._opening[key]
        finally:
            self._opening[key] -= 1
            if not self._opening[key]:
                del self._opening[key]

    def gained(self) -> None:
        """Servers came from another process, which may have changed what is known here."""
        self._known = Recent(MOST_KNOWN)

    async def load(self) -> None:
        """Once, at the start, and when servers came: which threads are to be listened to."""
        if self._watches:
            hearing = self._bot.the(Hearing)
            hearing.watched |= set(map(str, await self._bot.the(Database).run(rows.threads, now=time.time())))

    async def at(self, channel_id: int) -> Chat | None:
        if channel_id not in self._known:
            self._known.put(channel_id, await self._bot.the(Database).run(rows.get, channel_id))
        return self._known.get(channel_id)

    async def open(self, chat: Chat) -> None:
        """In place of what was there."""
        await self._bot.the(Database).run(rows.put, chat)
        self._known.put(chat.channel_id, chat)
        if self._watches and chat.guild_id is not None:
            self._bot.the(Hearing).watched.add(str(chat.channel_id))

    async def has_several(self, chat: Chat) -> bool:
        """A second person writes there. False: that was known before."""
        known = self._known.get(chat.channel_id)
        if known is not None and known.several:
            return False
        self._known.put(chat.channel_id, replace(chat, several=True))
        await self._bot.the(Database).run(rows.note_several, chat.channel_id)
        return True

    async def close(self, channel_id: int) -> None:
        """The thread is no chat any more."""
        self._known.put(channel_id, None)
        self._bot.the(Hearing).watched.discard(str(channel_id))
        await self._bot.the(Database).run(rows.forget, channel_id)

    async def opened_by(self, person_id: int, guild_id: int) -> list[int]:
        return await self._bot.the(Database).run(rows.of_person, person_id, guild_id)
