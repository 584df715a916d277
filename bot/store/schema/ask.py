"""Conversations, and answers that grow."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text, false

from bot.store.schema.base import CleanText, RowId, metadata
from bot.store.schema.people import deleted, nobodys, rows, shown, words

# A row only while an /ask is answered.
growing_answers = Table(
    "growing_answers",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("application_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("original", Boolean, nullable=False),
    Column("token_only", Boolean, nullable=False),
    Column("token", Text, nullable=False),
    Column("token_expires_at", Double, nullable=False),
    Column("locale", Text, nullable=False),
    # As of `generations`.
    Column("process_id", RowId),
)

# What somebody asked, and what was answered. The id is that of the event that asked: an interaction, or a message.
# A tree by what each answers to; several answers to one question share the first one's id.
turns = Table(
    "turns",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, info=shown("turn")),
    Column("parent_id", BigInteger, ForeignKey("turns.id", ondelete="SET NULL"), info=shown("answers_to")),
    Column("first_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False, info=deleted()),
    Column("name", CleanText, info=words("name")),
    Column("guild_id", BigInteger, info=shown("server")),
    # Of the thread, where it is one.
    Column("channel_id", BigInteger, nullable=False, info=shown("channel")),
    Column("private", Boolean, nullable=False, info=shown("private")),
    # Whether the question stands above the answer.
    Column("headed", Boolean, nullable=False),
    # That was asked for, if any; and the one that answered.
    Column("wanted_model", CleanText, info=nobodys("the name of a model")),
    Column("model", CleanText, nullable=False, info=shown("model")),
    Column("persona", CleanText, info=shown("persona")),
    Column("prompt", CleanText, info=words("prompt")),
    # Discord's descriptions of its files, with addresses that end; and what was read of them.
    Column("files", JSON(none_as_null=True), info=words("files", left={})),
    Column("read", CleanText, info=words("read")),
    Column("answer", CleanText, info=words("answer")),
    # Why it ended; none: it grows, or its process was killed.
    Column("finish", Text),
    Column("prompt_tokens", Integer),
    Column("answer_tokens", Integer),
    # Bytes of all that a model is told of it.
    Column("asked_bytes", Integer, nullable=False),
    Column("answer_bytes", Integer, nullable=False),
    Column("asked_again", Boolean, nullable=False, server_default=false()),
    Column("asked_at", Double, nullable=False, info=shown("asked")),
    Column("ended_at", Double, nullable=False),
    # Whether who asked stands above the answer; and the message that was asked about there, which is linked.
    Column("says_who", Boolean, nullable=False, server_default=false()),
    Column("about_id", BigInteger, info=shown("about")),
    Index("ix_turns_parent_id", "parent_id"),
    Index("ix_turns_first_id", "first_id"),
    Index("ix_turns_person_id", "person_id"),
    Index("ix_turns_here", "guild_id", "channel_id", "id"),
    info=rows("conversations", over="prompt IS NULL", ages=True, tree="parent_id"),
)

# The messages that a turn stands in: of its answer, and the one that asked.
turn_messages = Table(
    "turn_messages",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("turn_id", BigInteger, ForeignKey("turns.id", ondelete="CASCADE"), nullable=False),
    Index("ix_turn_messages_turn_id", "turn_id"),
)

CHAT_SECONDS: Final = 90 * 86_400.0
"""How long a chat is one that nobody has to open anew."""

# Threads that somebody opened to talk with the bot, and direct messages in which a new topic was begun.
chats = Table(
    "chats",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False, info=shown("channel")),
    Column("person_id", BigInteger, nullable=False, info=deleted()),
    Column("guild_id", BigInteger, info=shown("server")),
    Column("persona", CleanText, info=shown("persona")),
    # What was said before this id is not gone on from.
    Column("since", BigInteger, nullable=False),
    # Whether more people than who opened it wrote.
    Column("several", Boolean, nullable=False),
    Column("opened_at", Double, nullable=False, info=shown("asked")),
    Index("ix_chats_person_id", "person_id"),
    info=rows("chats", by="opened_at", over=f"opened_at <= :now - {CHAT_SECONDS}"),
)

# What others wrote that a turn asks about.
turn_quotes = Table(
    "turn_quotes",
    metadata,
    Column("turn_id", BigInteger, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, info=shown("turn")),
    Column("position", Integer, primary_key=True),
    Column("person_id", BigInteger, info=deleted()),
    Column("name", CleanText, info=words("name")),
    Column("text", CleanText, info=words("text")),
    Index("ix_turn_quotes_person_id", "person_id"),
    info=rows("quoted_in_conversations", go=True),
)
