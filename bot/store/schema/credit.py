"""Credits, and the days' counts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.schema.base import DAILY_KINDS, SCOPES, CleanText, RowId, metadata, one_of
from bot.store.schema.people import DAY_OVER, PERIOD_OVER, apart, cleared, deleted, rows, shown

ACCOUNTS: Final = ("server", "channel", "person", "grant")
PERIODS: Final = ("day", "month", "ever")
LIMIT_PERIODS: Final = ("hour", "day", "month")
FORGIVEN: Final = ("nothing_made", "perhaps_made")
"""What a person is forgiven a few times a day: an order that made nothing, and the price of a lost one."""

QUESTION_SECONDS: Final = 900.0
"""As long as its buttons can be pressed to some purpose: an interaction's token lives so long (Discord)."""

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    # Of the server, the channel or the person.
    Column("owner_id", BigInteger, nullable=False, info=apart()),
    Column("period", Text, nullable=False),
    # Days since 1970-01-01 (UTC), months since January 1970, or 0.
    Column("starts", Integer, nullable=False),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    Column("spent", BigInteger, nullable=False, server_default="0"),
    # What a grant holds. The ceilings of the others are settings, which may change under way.
    Column("granted", BigInteger, nullable=False, server_default="0"),
    # The highest amount that people are told about, being a certain share of the ceiling.
    Column("alerted", Integer, nullable=False, server_default="0"),
    # What it was when something was last reserved here.
    Column("ceiling", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("guild_id", "kind", "owner_id", "period", "starts"),
    CheckConstraint(one_of("kind", ACCOUNTS), name="kind"),
    CheckConstraint(one_of("period", PERIODS), name="period"),
    CheckConstraint("reserved >= 0 AND spent >= 0 AND granted >= 0", name="amounts"),
    CheckConstraint("kind <> 'grant' OR reserved + spent <= granted", name="covered"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("guild_id", BigInteger, nullable=False, info=shown("server")),
    Column("channel_id", BigInteger, nullable=False, info=shown("channel")),
    Column("person_id", BigInteger, info=cleared()),
    Column("kind", Text, nullable=False, info=shown("command")),
    Column("model", CleanText, nullable=False, info=shown("model")),
    # None: an /ask, which has no row of its own.
    Column("generation_id", RowId, ForeignKey("generations.id", ondelete="SET NULL"), info=shown("order")),
    Column("price", BigInteger, nullable=False, info=shown("reserved")),
    Column("day", Integer, nullable=False),
    Column("created_at", Double, nullable=False, info=shown("ordered")),
    Column("settled_at", Double, info=shown("settled")),
    # What it cost in the end: the server, and the person. They differ where the service may have made something.
    Column("spent", BigInteger),
    Column("spent_by_person", BigInteger, info=shown("cost")),
    CheckConstraint(one_of("kind", DAILY_KINDS), name="kind"),
    CheckConstraint("price >= 0", name="price"),
    CheckConstraint("(settled_at IS NULL) = (spent IS NULL)", name="spent"),
    CheckConstraint("(settled_at IS NULL) = (spent_by_person IS NULL)", name="spent_by_person"),
    CheckConstraint("spent BETWEEN 0 AND price AND spent_by_person BETWEEN 0 AND price", name="within"),
    Index("ix_reservations_guild", "guild_id", "day"),
    Index("ix_reservations_person", "person_id", "day"),
    Index("ix_reservations_generation", "generation_id"),
    Index("ix_reservations_settled", "settled_at"),
    sqlite_autoincrement=True,
    info=rows("credits/orders"),
)

charges = Table(
    "charges",
    metadata,
    Column("reservation_id", RowId, ForeignKey("reservations.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", RowId, ForeignKey("accounts.id"), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
    Index("ix_charges_account", "account_id"),
)

# A row only until people are told: the newest share of a pool that was reached.
pool_alerts = Table(
    "pool_alerts",
    metadata,
    Column("account_id", RowId, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("percent", Integer, nullable=False),
    # Of how much it is that share, when that was reached.
    Column("spent", BigInteger, nullable=False),
    Column("ceiling", BigInteger, nullable=False),
)

daily_counts = Table(
    "daily_counts",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, info=deleted(DAY_OVER)),
    Column("kind", Text, primary_key=True, info=shown("command")),
    Column("day", Integer, primary_key=True, autoincrement=False, info=shown("day")),
    Column("used", Integer, nullable=False, info=shown("times")),
    CheckConstraint(one_of("kind", DAILY_KINDS + FORGIVEN), name="kind"),
    CheckConstraint("used >= 0", name="used"),
    Index("ix_daily_counts_day", "day"),
    info=rows("used_each_day", by="day", over=DAY_OVER),
)

# What is counted where moderators set limits.
limit_counts = Table(
    "limit_counts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("scope_id", BigInteger, nullable=False),
    # NOBODY: everybody's.
    Column("person_id", BigInteger, nullable=False, info=deleted(PERIOD_OVER)),
    Column("kind", Text, nullable=False, info=shown("command")),
    Column("period", Text, nullable=False, info=shown("period")),
    Column("ends_at", Double, nullable=False, info=shown("until")),
    Column("used", Integer, nullable=False, info=shown("times")),
    UniqueConstraint("scope", "scope_id", "person_id", "kind", "period", "ends_at"),
    CheckConstraint(one_of("scope", SCOPES), name="scope"),
    CheckConstraint(one_of("kind", DAILY_KINDS), name="kind"),
    CheckConstraint(one_of("period", LIMIT_PERIODS), name="period"),
    CheckConstraint("used >= 0", name="used"),
    Index("ix_limit_counts_person", "person_id", "ends_at"),
    Index("ix_limit_counts_ends", "ends_at"),
    info=rows("used_of_limits", by="ends_at", over=PERIOD_OVER),
)

# Which counts an order took one of.
limit_uses = Table(
    "limit_uses",
    metadata,
    Column("generation_id", RowId, ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True),
    Column("count_id", RowId, ForeignKey("limit_counts.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_limit_uses_count", "count_id"),
)

# What somebody was asked about the price of: as Discord sent it, without whose it is and where. NULL: it can't be read.
price_questions = Table(
    "price_questions",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, nullable=False, info=deleted()),
    Column("price", BigInteger, nullable=False, info=shown("price")),
    Column("event", JSON(none_as_null=True), info=shown("what")),
    Column("at", Double, nullable=False, info=shown("asked")),
    Index("ix_price_questions_person", "person_id"),
    Index("ix_price_questions_at", "at"),
    info=rows("questions_about_prices", by="at", over=f"at < :now - {QUESTION_SECONDS}"),
)
