"""Several processes at work on one database: who lives, who holds which shard, and turnstiles that all go through."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, Double, Index, Integer, Table, Text, false

from bot.store.schema.base import RowId, metadata, one_of
from bot.store.schema.people import nobodys

PROCESSES: Final = ("run", "worker")
FENCED: Final = 0.0
"""`seen_at` of a process whose lease was ended by another: it may do nothing any more."""
GONE: Final = -1.0
"""`seen_at` of one that has no connection any more either: its generations are whosever takes them first."""

# A row for each process that lives, as long as it says so. No row: its work is free to be taken.
processes = Table(
    "processes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", Text, nullable=False),
    # By the database's clock.
    Column("seen_at", Double, nullable=False),
    # It takes no more, and waits for others to take what it holds.
    Column("leaving", Boolean, nullable=False, server_default=false()),
    CheckConstraint(one_of("kind", PROCESSES), name="kind"),
    sqlite_autoincrement=True,  # an id that was used names a process that is no more
)

# Who acts upon what comes by a shard. `next_id` connects it before its holder leaves it, and says when it is `ready`.
shards = Table(
    "shards",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("process_id", RowId),
    Column("next_id", RowId),
    Column("ready", Boolean, nullable=False, server_default=false()),
    Index("ix_shards_process_id", "process_id"),
)

# What all processes together do so often at most: `due` is when the next one may, by the database's clock.
turnstiles = Table(
    "turnstiles",
    metadata,
    Column("name", Text, primary_key=True, info=nobodys("the bot's own")),
    Column("due", Double, nullable=False),
)
