"""The tables, with what must always be true of them written as constraints.

Times are Unix seconds (double precision). Ids of Discord are BIGINT. `HEAD` is the newest in `migrations/versions`; a
test holds the metadata here and the migrated database to each other, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
"""Every migration, oldest first: what a database may say of itself without being newer than this code."""
HEAD: Final = REVISIONS[-1]

KINDS: Final = ("image", "video")
CONTEXTS: Final = ("guild", "bot_dm", "private_channel")
"""Discord's interaction context types 0, 1 and 2, under its own names."""
LIVE_STATES: Final = ("queued", "submitting", "running", "generated")
ENDED_STATES: Final = ("delivered", "dropped", "unknown", "failed", "expired", "cancelled", "unfetched")
STATES: Final = LIVE_STATES + ENDED_STATES
SCOPES: Final = ("server", "category", "channel")
ACCOUNTS: Final = ("server", "channel", "person", "grant")
PERIODS: Final = ("day", "month", "ever")
DAILY_KINDS: Final = ("ask", "imagine", "video")
FORGIVEN: Final = ("nothing_made", "perhaps_made")
"""What a person is forgiven a few times a day: an order that made nothing, and the price of a lost one."""
ACTIONS: Final = ("reroll", "retry", "remix", "vary", "upscale", "edit", "animate", "round")
"""How an order came from the one before it; `edit`: of a picture that a person posted; `round`: of a jam."""
JAM_STATES: Final = ("opening", "open", "merging", "review", "making", "voting", "closing", "over")
PAYERS: Final = ("starter", "pool")


class CleanText(TypeDecorator[str]):
    """Text that both databases can keep: PostgreSQL refuses NUL, and neither encodes a lone surrogate."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None or value.isascii():
            return value if value is None or "\0" not in value else value.replace("\0", "")
        return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


# SQLite numbers rows by itself only in a column declared INTEGER, which holds 64 bits there.
_RowId = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

generations = Table(
    "generations",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Raised by whoever takes the row; every later write names the epoch it was given, so a worker that
    # was overtaken changes nothing.
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("person_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("message_id", BigInteger),
    Column("context", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("token_only", Boolean, nullable=False),
    Column("token", Text),
    Column("token_expires_at", Double),
    Column("application_id", BigInteger, nullable=False),
    Column("locale", Text, nullable=False),
    Column("prompt", CleanText, nullable=False),
    Column("model", CleanText, nullable=False),
    # JSON, not JSONB: a prompt's \u0000 inside it is text to the one and an error to the other.
    Column("parameters", JSON, nullable=False),
    Column("count", Integer, nullable=False, server_default="1"),
    Column("parent_id", _RowId, ForeignKey("generations.id", ondelete="SET NULL")),
    Column("task_id", CleanText),
    Column("reason", Text),
    Column("detail", CleanText),
    Column("ended_by", BigInteger),
    Column("created_at", Double, nullable=False),
    Column("submitted_at", Double),
    Column("generated_at", Double),
    Column("ended_at", Double),
    Column("shown_state", Text),
    # With the channel they tell which settings hold for the row: a thread's parent, and the category.
    Column("parent_channel_id", BigInteger),
    Column("category_id", BigInteger),
    Column("removed_by", BigInteger),
    Column("removed_at", Double),
    # In credits; NULL where there were none.
    Column("price", BigInteger),
    Column("action", Text),
    # The picture that it was made from: of which order, which may be gone, and which one of it (from 0).
    Column("source_id", _RowId),
    Column("source_position", Integer),
    # Whether it was made in an age-restricted channel, or of what was. None: ordered before this was kept.
    Column("age_restricted", Boolean),
    # It ended as one of FORGIVEN, and its person had been forgiven as often as one is on that day.
    Column("unforgiven", Boolean, nullable=False, server_default=false()),
    CheckConstraint(_one_of("kind", KINDS), name="kind"),
    CheckConstraint(_one_of("state", STATES), name="state"),
    CheckConstraint(_one_of("context", CONTEXTS), name="context"),
    CheckConstraint("(context = 'guild') = (guild_id IS NOT NULL)", name="guild_context"),
    CheckConstraint("epoch >= 0", name="epoch"),
    CheckConstraint("count BETWEEN 1 AND CASE kind WHEN 'image' THEN 4 ELSE 1 END", name="count"),
    CheckConstraint("(token IS NULL) = (token_expires_at IS NULL)", name="token"),
    CheckConstraint("parent_id <> id", name="parent"),
    CheckConstraint(_one_of("action", ACTIONS), name="action"),
    CheckConstraint("source_id <> id", name="source"),
    CheckConstraint("source_position >= 0", name="source_position"),
    CheckConstraint("state <> 'queued' OR (task_id IS NULL AND submitted_at IS NULL)", name="queued"),
    CheckConstraint(
        "state NOT IN ('submitting', 'running', 'generated', 'delivered') OR submitted_at IS NOT NULL", name="submitted"
    ),
    CheckConstraint("kind <> 'video' OR state <> 'running' OR task_id IS NOT NULL", name="running"),
    CheckConstraint("state NOT IN ('generated', 'delivered') OR generated_at IS NOT NULL", name="generated"),
    CheckConstraint(f"({_one_of('state', ENDED_STATES)}) = (ended_at IS NOT NULL)", name="ended"),
    # (No partial indexes: naming a dialect's option here loads that dialect, 4 MiB of PostgreSQL in a bot on SQLite.)
    Index("ix_generations_state", "state", "kind", "id"),
    Index("ix_generations_person", "person_id", "id"),
    Index("ix_generations_channel", "channel_id", "id"),
    Index("ix_generations_guild", "guild_id", "id"),
    Index("ix_generations_parent", "parent_id"),
    Index("ix_generations_source", "source_id"),
    Index("ix_generations_message", "message_id"),
    Index("ix_generations_submitted", "submitted_at"),
    Index("ix_generations_usual", "kind", "model", "generated_at"),
    sqlite_autoincrement=True,  # an id stands in buttons and upstream logs: it is never used a second time
)

results = Table(
    "results",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("generation_id", _RowId, ForeignKey("generations.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("url", CleanText),
    Column("path", Text),
    Column("content_type", Text),
    Column("size", BigInteger),
    Column("expires_at", Double),
    # What the delivered card shows of it: the file's name there, and in which form.
    Column("attachment", Text),
    Column("form", Integer),
    UniqueConstraint("generation_id", "position"),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("size >= 0", name="size"),
    CheckConstraint("url IS NOT NULL OR path IS NOT NULL", name="somewhere"),
    sqlite_autoincrement=True,
)

# The pictures that an order sends along. They are fetched before anything is sent, and kept until it ends.
inputs = Table(
    "inputs",
    metadata,
    Column("generation_id", _RowId, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("url", CleanText),
    Column("path", Text),
    Column("content_type", Text),
    Column("size", BigInteger),
    Column("expires_at", Double),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("url IS NOT NULL OR path IS NOT NULL", name="somewhere"),
)

# One vote a person and card; voting again changes it.
copies = Table(
    # Messages in which an order's results were delivered again. None is known of before this was kept.
    "copies",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("generation_id", _RowId, ForeignKey("generations.id", ondelete="CASCADE"), nullable=False, index=True),
)

votes = Table(
    "votes",
    metadata,
    Column("generation_id", _RowId, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("voted_at", Double, nullable=False),
    CheckConstraint("position >= 0", name="position"),
    Index("ix_votes_person", "person_id"),
)

jams = Table(
    "jams",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    # Where it was started and where its end is posted; its rounds are in the thread.
    Column("channel_id", BigInteger, nullable=False),
    Column("category_id", BigInteger),
    Column("thread_id", BigInteger),
    # Its word in the channel, and its last one there.
    Column("message_id", BigInteger),
    Column("final_message_id", BigInteger),
    # The channel while it lives: one jam a channel.
    Column("slot", BigInteger, unique=True),
    Column("application_id", BigInteger, nullable=False),
    # Forgotten when that person has their data deleted.
    Column("started_by", BigInteger),
    Column("locale", Text, nullable=False),
    Column("theme", CleanText, nullable=False),
    Column("style", CleanText),
    Column("state", Text, nullable=False),
    # Raised with every change of state: whoever holds an older one comes too late.
    Column("step", Integer, nullable=False, server_default="0"),
    Column("round", Integer, nullable=False, server_default="1"),
    Column("paid_by", Text, nullable=False),
    Column("ideas_each", Integer, nullable=False),
    # It was closed, or its time is up, while a round was under way: the round is the last.
    Column("closing", Boolean, nullable=False, server_default=false()),
    Column("ended_by", BigInteger),
    Column("created_at", Double, nullable=False),
    Column("ends_at", Double, nullable=False),
    Column("ended_at", Double),
    # Something that its end shows was removed since it was over.
    Column("end_due", Boolean, nullable=False, server_default=false()),
    CheckConstraint(_one_of("state", JAM_STATES), name="state"),
    CheckConstraint(_one_of("paid_by", PAYERS), name="paid_by"),
    CheckConstraint("round >= 1", name="round"),
    CheckConstraint("ideas_each >= 1", name="ideas_each"),
    CheckConstraint("(state = 'over') = (ended_at IS NOT NULL)", name="ended"),
    CheckConstraint("(state = 'over') = (slot IS NULL)", name="slot"),
    Index("ix_jams_state", "state"),
    Index("ix_jams_thread", "thread_id"),
    Index("ix_jams_started_by", "started_by"),
    Index("ix_jams_end_due", "end_due"),
    sqlite_autoincrement=True,
)

jam_members = Table(
    "jam_members",
    metadata,
    Column("jam_id", _RowId, ForeignKey("jams.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("joined_at", Double, nullable=False),
    Column("left_at", Double),
    Index("ix_jam_members_person", "person_id"),
)

jam_rounds = Table(
    "jam_rounds",
    metadata,
    Column("jam_id", _RowId, ForeignKey("jams.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # Its card in the thread.
    Column("message_id", BigInteger),
    Column("prompt", CleanText),
    # What is to be said of how it stands: a key of the catalogue, and the service's own words.
    Column("reason", Text),
    Column("detail", CleanText),
    Column("generation_id", _RowId, ForeignKey("generations.id", ondelete="SET NULL")),
    Column("votes_until", Double),
    Column("winner", Integer),
    # How many pictures had as many votes as the winner, which was drawn among them.
    Column("tied", Integer),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("winner >= 0", name="winner"),
    Index("ix_jam_rounds_generation", "generation_id"),
)

jam_ideas = Table(
    "jam_ideas",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("jam_id", _RowId, ForeignKey("jams.id", ondelete="CASCADE"), nullable=False),
    Column("round", Integer, nullable=False),
    # Forgotten when that person has their data deleted.
    Column("person_id", BigInteger),
    Column("said", CleanText, nullable=False),
    # The words of the round's prompt that stand for it.
    Column("part", CleanText),
    Column("created_at", Double, nullable=False),
    CheckConstraint("round >= 1", name="round"),
    Index("ix_jam_ideas_jam", "jam_id", "round", "id"),
    Index("ix_jam_ideas_person", "person_id"),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("scope_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("changed_by", BigInteger, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("guild_id", BigInteger),
    CheckConstraint(_one_of("scope", SCOPES), name="scope"),
    Index("ix_settings_guild", "guild_id"),
)

setting_changes = Table(
    "setting_changes",
    metadata,
    Column("id", _RowId, primary_key=True),
    # Changes made in one go (an import, an undo) share the id of the first of them.
    Column("batch", _RowId),
    Column("undoes", _RowId),
    Column("guild_id", BigInteger),
    Column("scope", Text, nullable=False),
    Column("scope_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    # SQL's NULL: nothing was, or is, set.
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    # Forgotten when that person has their data deleted.
    Column("changed_by", BigInteger),
    Column("changed_at", Double, nullable=False),
    CheckConstraint(_one_of("scope", SCOPES), name="scope"),
    Index("ix_setting_changes_guild", "guild_id", "id"),
    Index("ix_setting_changes_scope", "scope", "scope_id", "id"),
    Index("ix_setting_changes_batch", "batch"),
    sqlite_autoincrement=True,
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    # Of the server, the channel or the person.
    Column("owner_id", BigInteger, nullable=False),
    Column("period", Text, nullable=False),
    # Days since 1970-01-01 (UTC), months since January 1970, or 0.
    Column("starts", Integer, nullable=False),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    Column("spent", BigInteger, nullable=False, server_default="0"),
    # What a grant holds. The ceilings of the others are settings, which may change under way.
    Column("granted", BigInteger, nullable=False, server_default="0"),
    # The highest amount that people were told about, being a certain share of the ceiling.
    Column("alerted", Integer, nullable=False, server_default="0"),
    UniqueConstraint("guild_id", "kind", "owner_id", "period", "starts"),
    CheckConstraint(_one_of("kind", ACCOUNTS), name="kind"),
    CheckConstraint(_one_of("period", PERIODS), name="period"),
    CheckConstraint("reserved >= 0 AND spent >= 0 AND granted >= 0", name="amounts"),
    CheckConstraint("kind <> 'grant' OR reserved + spent <= granted", name="covered"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    # Forgotten when that person has their data deleted; the sums stay.
    Column("person_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("model", CleanText, nullable=False),
    # None: an /ask, which has no row of its own.
    Column("generation_id", _RowId, ForeignKey("generations.id", ondelete="SET NULL")),
    Column("price", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("settled_at", Double),
    # What it cost in the end: the server, and the person. They differ where the service may have made something.
    Column("spent", BigInteger),
    Column("spent_by_person", BigInteger),
    CheckConstraint(_one_of("kind", DAILY_KINDS), name="kind"),
    CheckConstraint("price >= 0", name="price"),
    CheckConstraint("(settled_at IS NULL) = (spent IS NULL)", name="spent"),
    CheckConstraint("(settled_at IS NULL) = (spent_by_person IS NULL)", name="spent_by_person"),
    CheckConstraint("spent BETWEEN 0 AND price AND spent_by_person BETWEEN 0 AND price", name="within"),
    Index("ix_reservations_guild", "guild_id", "day"),
    Index("ix_reservations_person", "person_id", "day"),
    Index("ix_reservations_generation", "generation_id"),
    Index("ix_reservations_settled", "settled_at"),
    sqlite_autoincrement=True,
)

charges = Table(
    "charges",
    metadata,
    Column("reservation_id", _RowId, ForeignKey("reservations.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", _RowId, ForeignKey("accounts.id"), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    Index("ix_charges_account", "account_id"),
)

daily_counts = Table(
    "daily_counts",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("used", Integer, nullable=False),
    CheckConstraint(_one_of("kind", DAILY_KINDS + FORGIVEN), name="kind"),
    CheckConstraint("used >= 0", name="used"),
    Index("ix_daily_counts_day", "day"),
)

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
