"""What the bot keeps for itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, Table, Text

from bot.store.schema.base import CleanText, metadata

# Ids of Discord's interactions, each kept for a day.
events = Table(
    "events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Index("ix_events_at", "at"),
)

facts = Table(
    "facts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", CleanText, nullable=False),
)
