"""What the bot keeps for itself."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Table, Text, true

from bot.store.schema.base import CleanText, RowId, metadata
from bot.store.schema.people import deleted, nobodys, rows, shown

EVENT_SECONDS: Final = 86_400.0
"""An interaction can be answered for 15 minutes (Discord): a day is more than any of them is repeated after."""

# Ids of Discord's interactions and messages, each kept for a day. Of several processes one takes an event, and only it
# may act upon it: until it has, it is not `acted`.
events = Table(
    "events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("acted", Boolean, nullable=False, server_default=true()),
    Index("ix_events_at", "at"),
    info=rows(over=f"at < :now - {EVENT_SECONDS}"),
)

facts = Table(
    "facts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", CleanText, nullable=False, info=nobodys("the bot's own")),
)

DELETION_OVER: Final = "again_at IS NULL AND at < :now - 34560000"
"""400 days: who restores a backup that is older than that brings back what was deleted before."""

# What was deleted because people wanted it, so that a backup that is restored does not bring it back.
deletions = Table(
    "deletions",
    metadata,
    Column("id", RowId, primary_key=True),
    # All of a person's data; with a channel, what they said there.
    Column("person_id", BigInteger, info=deleted(DELETION_OVER)),
    Column("channel_id", BigInteger, info=shown("channel")),
    # Or what stood in this message, or this order.
    Column("message_id", BigInteger),
    Column("generation_id", BigInteger),
    Column("at", Double, nullable=False, info=shown("deleted")),
    # When a backup from before it was restored: it is to be deleted once more.
    Column("again_at", Double),
    Index("ix_deletions_at", "at"),
    Index("ix_deletions_person", "person_id"),
    Index("ix_deletions_again", "again_at"),
    sqlite_autoincrement=True,
    info=rows("deletions", by="at", over=DELETION_OVER),
)
