"""Questions, and answers that grow."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Table, Text

from bot.store.schema.base import CleanText, metadata
from bot.store.schema.people import deleted, rows, shown

QUESTION_SECONDS: Final = 86_400.0

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
    Column("person_id", BigInteger, nullable=False, info=deleted()),
    Column("guild_id", BigInteger, info=shown("server")),
    Column("channel_id", BigInteger, nullable=False, info=shown("channel")),
    Column("private", Boolean, nullable=False, info=shown("private")),
    Column("model", CleanText, info=shown("model")),
    Column("prompt", CleanText, nullable=False, info=shown("prompt")),
    Column("file", JSON(none_as_null=True), info=shown("file")),
    Column("asked_at", Double, nullable=False, info=shown("asked")),
    info=rows("questions_to_be_asked_again", by="asked_at", over=f"asked_at <= :now - {QUESTION_SECONDS}"),
)
