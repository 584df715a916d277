"""Chats: opened, found again, forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.store.schema import CHAT_SECONDS
from cogs.ask import chat_rows as rows
from cogs.ask.chat_rows import Chat

if TYPE_CHECKING:
    from bot.store.database import Database

NOW = 1_800_000_000.0
CHAT = Chat(2**62 + 1, 7, 5, None, 2**62, several=False, opened_at=NOW)


async def test_opened_noted_and_forgotten(database: Database) -> None:
    await database.run(rows.put, CHAT)
    assert await database.run(rows.get, CHAT.channel_id) == CHAT
    await database.run(rows.note_several, CHAT.channel_id)
    assert await database.run(rows.get, CHAT.channel_id) == replace(CHAT, several=True)
    later = replace(CHAT, since=2**62 + 9)
    await database.run(rows.put, later)
    assert await database.run(rows.get, CHAT.channel_id) == later
    await database.run(rows.forget, CHAT.channel_id)
    assert await database.run(rows.get, CHAT.channel_id) is None


async def test_which_threads_are_listened_to_and_whose_they_are(database: Database) -> None:
    old = replace(CHAT, channel_id=2, opened_at=NOW - CHAT_SECONDS - 1)
    for each in (CHAT, replace(CHAT, channel_id=1, guild_id=None), old, replace(CHAT, channel_id=3, person_id=8)):
        await database.run(rows.put, each)
    assert sorted(await database.run(rows.threads, now=NOW)) == [3, CHAT.channel_id]
    assert await database.run(rows.of_person, 7, 5) == [CHAT.channel_id, 2]
