"""Jams, their members, rounds and ideas."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
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
    false,
)

from bot.store.schema.base import CleanText, RowId, metadata, one_of
from bot.store.schema.people import cleared, deleted, nobodys, rows, shown, words

JAM_STATES: Final = ("opening", "open", "merging", "review", "making", "voting", "closing", "over")
PAYERS: Final = ("starter", "pool")

jams = Table(
    "jams",
    metadata,
    Column("id", RowId, primary_key=True),
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
    Column("started_by", BigInteger, info=cleared()),
    Column("locale", Text, nullable=False),
    Column("theme", CleanText, nullable=False, info=words(left="")),
    Column("style", CleanText, info=words()),
    Column("state", Text, nullable=False),
    # Raised with every change of state: whoever holds an older one comes too late.
    Column("step", Integer, nullable=False, server_default="0"),
    Column("round", Integer, nullable=False, server_default="1"),
    Column("paid_by", Text, nullable=False),
    Column("ideas_each", Integer, nullable=False),
    # It was closed, or its time is up, while a round was under way: the round is the last.
    Column("closing", Boolean, nullable=False, server_default=false()),
    Column("ended_by", BigInteger, info=cleared()),
    Column("created_at", Double, nullable=False),
    Column("ends_at", Double, nullable=False),
    Column("ended_at", Double),
    # Something that its end shows was removed since it was over.
    Column("end_due", Boolean, nullable=False, server_default=false()),
    # Who leads it and pays: who started it, until somebody takes over.
    Column("host_id", BigInteger, info=cleared()),
    # Since when it waits for the host: they did something then, or it became their turn.
    Column("host_seen_at", Double, nullable=False, server_default="0"),
    # Its card says that others may go on without the host.
    Column("away", Boolean, nullable=False, server_default=false()),
    # A round is made by itself after so long; when the one under way is.
    Column("round_seconds", Integer),
    Column("round_due", Double),
    # The image that its first round changes: an order, and which of its images.
    Column("source_id", BigInteger),
    Column("source_position", Integer),
    CheckConstraint(one_of("state", JAM_STATES), name="state"),
    CheckConstraint(one_of("paid_by", PAYERS), name="paid_by"),
    CheckConstraint("round >= 1", name="round"),
    CheckConstraint("ideas_each >= 1", name="ideas_each"),
    CheckConstraint("(state = 'over') = (ended_at IS NOT NULL)", name="ended"),
    CheckConstraint("(state = 'over') = (slot IS NULL)", name="slot"),
    Index("ix_jams_state", "state"),
    Index("ix_jams_thread", "thread_id"),
    Index("ix_jams_started_by", "started_by"),
    Index("ix_jams_host", "host_id"),
    Index("ix_jams_end_due", "end_due"),
    sqlite_autoincrement=True,
    info=rows(ages=True),
)

jam_members = Table(
    "jam_members",
    metadata,
    Column("jam_id", RowId, ForeignKey("jams.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, info=deleted()),
    Column("joined_at", Double, nullable=False),
    Column("left_at", Double),
    Index("ix_jam_members_person", "person_id"),
    info=rows(),  # shown with the jam
)

jam_rounds = Table(
    "jam_rounds",
    metadata,
    Column("jam_id", RowId, ForeignKey("jams.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # Its card in the thread.
    Column("message_id", BigInteger),
    Column("prompt", CleanText, info=words()),
    # What is to be said of how it stands: a key of the catalogue, and the service's own words.
    Column("reason", Text, info=nobodys("a key of the catalogue")),
    Column("detail", CleanText, info=words()),
    Column("generation_id", RowId, ForeignKey("generations.id", ondelete="SET NULL")),
    Column("votes_until", Double),
    Column("winner", Integer),
    # How many pictures had as many votes as the winner, which was drawn among them.
    Column("tied", Integer),
    # Who has its images made as soon as its ideas are merged, and the price they agreed to.
    Column("maker_id", BigInteger, info=cleared()),
    Column("agreed", Integer),
    # The message that calls people to vote, and the one that shows the winner; 0: there is none, and is to be none.
    Column("called_id", BigInteger),
    Column("reveal_id", BigInteger),
    # The file on its card: the image that it changes.
    Column("picture", Text, info=nobodys("the name of a file")),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("winner >= 0", name="winner"),
    Index("ix_jam_rounds_generation", "generation_id"),
    Index("ix_jam_rounds_maker", "maker_id"),
)

jam_ideas = Table(
    "jam_ideas",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("jam_id", RowId, ForeignKey("jams.id", ondelete="CASCADE"), nullable=False, info=shown("jam")),
    Column("round", Integer, nullable=False, info=shown("round")),
    Column("person_id", BigInteger, info=deleted()),
    Column("said", CleanText, nullable=False, info=words("said", left="")),
    # The words of the round's prompt that stand for it.
    Column("part", CleanText, info=words("part")),
    Column("created_at", Double, nullable=False, info=shown("given")),
    CheckConstraint("round >= 1", name="round"),
    Index("ix_jam_ideas_jam", "jam_id", "round", "id"),
    Index("ix_jam_ideas_person", "person_id"),
    sqlite_autoincrement=True,
    info=rows("ideas"),
)
