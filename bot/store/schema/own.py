"""What the bot keeps for itself."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Double, Index, Table, Text

from bot.store.schema.base import CleanText, metadata
from bot.store.schema.people import nobodys, rows

EVENT_SECONDS: Final = 86_400.0
"""An interaction can be answered for 15 minutes (Discord): a day is more than any of them is repeated after."""

# Ids of Discord's interactions, each kept for a day.
events = Table(
    "events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Index("ix_events_at", "at"),
    info=rows(over=f"at < :now - {EVENT_SECONDS}"),
)

facts = Table(
    "facts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", CleanText, nullable=False, info=nobodys("the bot's own")),
)
