"""Questions, and answers that grow."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Table, Text

from bot.store.schema.base import CleanText, metadata

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
)

# Questions whose answer grows or failed, each kept for a day: what it takes to ask them once more.
questions = Table(
    "questions",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("model", CleanText),
    Column("prompt", CleanText, nullable=False),
    Column("file", JSON(none_as_null=True)),
    Column("asked_at", Double, nullable=False),
)
