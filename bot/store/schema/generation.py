"""Generations, and what hangs on one."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from bot.store.schema.base import CleanText, RowId, metadata, one_of
from bot.store.schema.people import cleared, deleted, rows, shown, words

KINDS: Final = ("image", "video")
CONTEXTS: Final = ("guild", "bot_dm", "private_channel")
"""Discord's interaction context types 0, 1 and 2, under its own names."""
LIVE_STATES: Final = ("queued", "submitting", "running", "generated")
ENDED_STATES: Final = ("delivered", "dropped", "unknown", "failed", "expired", "cancelled", "unfetched")
STATES: Final = LIVE_STATES + ENDED_STATES
ACTIONS: Final = ("reroll", "retry", "remix", "vary", "upscale", "edit", "animate", "round")
"""How an order came from the one before it; `edit`: of a picture that a person posted; `round`: of a jam."""

generations = Table(
    "generations",
    metadata,
    Column("id", RowId, primary_key=True, info=shown("order")),
    Column("kind", Text, nullable=False, info=shown("kind")),
    Column("state", Text, nullable=False, info=shown("state")),
    # Raised by whoever takes the row; every later write names the epoch it was given, so a worker that
    # was overtaken changes nothing.
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("person_id", BigInteger, nullable=False, info=deleted("ended_at IS NOT NULL")),
    Column("guild_id", BigInteger, info=shown("server")),
    Column("channel_id", BigInteger, nullable=False, info=shown("channel")),
    Column("message_id", BigInteger, info=shown("message")),
    Column("context", Text, nullable=False),
    Column("private", Boolean, nullable=False, info=shown("private")),
    Column("token_only", Boolean, nullable=False),
    Column("token", Text),
    Column("token_expires_at", Double),
    Column("application_id", BigInteger, nullable=False),
    Column("locale", Text, nullable=False, info=shown("language")),
    Column("prompt", CleanText, nullable=False, info=words("prompt", left="")),
    Column("model", CleanText, nullable=False, info=shown("model")),
    # JSON, not JSONB: a prompt's \u0000 inside it is text to the one and an error to the other.
    Column("parameters", JSON, nullable=False, info=words("parameters", left={})),
    Column("count", Integer, nullable=False, server_default="1", info=shown("pictures")),
    Column("parent_id", RowId, ForeignKey("generations.id", ondelete="SET NULL"), info=shown("again_of")),
    Column("task_id", CleanText, info=shown("task_at_the_service")),
    Column("reason", Text, info=shown("reason")),
    Column("detail", CleanText, info=words("service_said")),
    Column("ended_by", BigInteger, info=cleared("ended_by")),
    Column("created_at", Double, nullable=False, info=shown("ordered")),
    Column("submitted_at", Double, info=shown("sent")),
    Column("generated_at", Double, info=shown("made")),
    Column("ended_at", Double, info=shown("ended")),
    Column("shown_state", Text),
    # With the channel they tell which settings hold for the row: a thread's parent, and the category.
    Column("parent_channel_id", BigInteger, info=shown("parent_channel")),
    Column("category_id", BigInteger, info=shown("category")),
    Column("removed_by", BigInteger, info=cleared("removed_by")),
    Column("removed_at", Double, info=shown("removed")),
    # In credits; NULL where there were none.
    Column("price", BigInteger),
    Column("action", Text),
    # The picture that it was made from: of which order, which may be gone, and which one of it (from 0).
    Column("source_id", RowId),
    Column("source_position", Integer),
    # Whether it was made in an age-restricted channel, or of what was. None: ordered before this was kept.
    Column("age_restricted", Boolean),
    # It ended as one of FORGIVEN, and its person had been forgiven as often as one is on that day.
    Column("unforgiven", Boolean, nullable=False, server_default=false()),
    # Which of several processes works on it (`schema.process`). None: nobody, or the only one there is.
    Column("process_id", RowId),
    # Whether the interaction's token calls its message the original one: else it is a follow-up.
    Column("original", Boolean, nullable=False, server_default=true()),
    CheckConstraint(one_of("kind", KINDS), name="kind"),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint(one_of("context", CONTEXTS), name="context"),
    CheckConstraint("(context = 'guild') = (guild_id IS NOT NULL)", name="guild_context"),
    CheckConstraint("epoch >= 0", name="epoch"),
    CheckConstraint("count BETWEEN 1 AND CASE kind WHEN 'image' THEN 4 ELSE 1 END", name="count"),
    CheckConstraint("(token IS NULL) = (token_expires_at IS NULL)", name="token"),
    CheckConstraint("parent_id <> id", name="parent"),
    CheckConstraint(one_of("action", ACTIONS), name="action"),
    CheckConstraint("source_id <> id", name="source"),
    CheckConstraint("source_position >= 0", name="source_position"),
    CheckConstraint("state <> 'queued' OR (task_id IS NULL AND submitted_at IS NULL)", name="queued"),
    CheckConstraint(
        "state NOT IN ('submitting', 'running', 'generated', 'delivered') OR submitted_at IS NOT NULL", name="submitted"
    ),
    CheckConstraint("kind <> 'video' OR state <> 'running' OR task_id IS NOT NULL", name="running"),
    CheckConstraint("state NOT IN ('generated', 'delivered') OR generated_at IS NOT NULL", name="generated"),
    CheckConstraint(f"({one_of('state', ENDED_STATES)}) = (ended_at IS NOT NULL)", name="ended"),
    # (No partial indexes: naming a dialect's option here loads that dialect, 4 MiB of PostgreSQL in a bot on SQLite.)
    Index("ix_generations_state", "state", "process_id", "kind"),
    Index("ix_generations_person", "person_id", "id"),
    Index("ix_generations_channel", "channel_id", "id"),
    Index("ix_generations_guild", "guild_id", "id"),
    # A gallery's page: without it PostgreSQL walks all servers' orders where few of one's own are to be shown.
    Index("ix_generations_shown", "guild_id", "kind", "state", "id"),
    Index("ix_generations_parent", "parent_id"),
    Index("ix_generations_source", "source_id"),
    Index("ix_generations_message", "message_id"),
    Index("ix_generations_submitted", "submitted_at"),
    Index("ix_generations_usual", "kind", "model", "generated_at"),
    sqlite_autoincrement=True,  # an id stands in buttons and upstream logs: it is never used a second time
    info=rows("orders", ages=True),
)

results = Table(
    "results",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("generation_id", RowId, ForeignKey("generations.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("url", CleanText, info=shown("link")),
    Column("path", Text, info=shown("file_until_delivered")),
    Column("content_type", Text, info=shown("type")),
    Column("size", BigInteger, info=shown("bytes")),
    Column("expires_at", Double, info=shown("link_until")),
    # What the delivered card shows of it: the file's name there, and in which form.
    Column("attachment", Text),
    Column("form", Integer),
    # What a clip turned out to be, read from its file.
    Column("width", Integer, info=shown("width")),
    Column("height", Integer, info=shown("height")),
    Column("seconds", Double, info=shown("seconds")),
    Column("sound", Boolean, info=shown("sound")),
    UniqueConstraint("generation_id", "position"),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("url IS NOT NULL OR path IS NOT NULL", name="somewhere"),
    sqlite_autoincrement=True,
    info=rows("results", go=True),
)

# What an order was made of, the first one first; `source_position`: which image of it went along, from 0. What was
# asked for by itself has none, what was asked for again after it failed has those of the first try.
parents = Table(
    "parents",
    metadata,
    Column("generation_id", RowId, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("parent_id", RowId, ForeignKey("generations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source_position", Integer),
    CheckConstraint("parent_id <> generation_id", name="parent"),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("source_position >= 0", name="source_position"),
)

# The pictures that an order sends along. They are fetched before anything is sent, and kept until it ends.
inputs = Table(
    "inputs",
    metadata,
    Column("generation_id", RowId, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("url", CleanText),
    Column("path", Text),
    Column("content_type", Text),
    Column("size", BigInteger),
    Column("expires_at", Double),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("url IS NOT NULL OR path IS NOT NULL", name="somewhere"),
    info=rows(go=True),
)

# Who is told, by a message that mentions them, that what they ordered is done: written with its end, so once.
notices = Table(
    "notices",
    metadata,
    Column(
        "generation_id",
        RowId,
        ForeignKey("generations.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("person_id", BigInteger, nullable=False, info=deleted()),
    Column("channel_id", BigInteger, nullable=False, info=shown("channel")),
    Column("due_at", Double, nullable=False, info=shown("ended")),
    # None: it is not posted yet. 0: it will not be.
    Column("message_id", BigInteger),
    Index("ix_notices_person", "person_id", "channel_id", "due_at"),
    info=rows("told_that_it_is_ready", by="due_at", over="due_at < :now - 3600"),
)

# Messages in which an order's results were delivered again. None is known of before this was kept.
copies = Table(
    "copies",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("generation_id", RowId, ForeignKey("generations.id", ondelete="CASCADE"), nullable=False, index=True),
)

# One vote a person and card; voting again changes it.
votes = Table(
    "votes",
    metadata,
    Column(
        "generation_id", RowId, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True, info=shown("order")
    ),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, info=deleted()),
    Column("position", Integer, nullable=False, info=shown("picture")),
    Column("voted_at", Double, nullable=False, info=shown("voted")),
    CheckConstraint("position >= 0", name="position"),
    Index("ix_votes_person", "person_id"),
    info=rows("votes"),
)
