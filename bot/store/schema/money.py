"""Real money: what each order costs at the service, and the owner's budget. In millionths of the account's unit."""

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

from bot.store.schema.base import DAILY_KINDS, CleanText, RowId, metadata, one_of
from bot.store.schema.people import cleared, deleted, nobodys, rows, shown

# A row for each order, and for each further call that costs something.
costs = Table(
    "costs",
    metadata,
    Column("id", RowId, primary_key=True),
    # None: an /ask, which has no row of its own.
    Column("generation_id", RowId, ForeignKey("generations.id", ondelete="SET NULL"), info=shown("order")),
    # None: direct messages.
    Column("guild_id", BigInteger, info=shown("server")),
    Column("channel_id", BigInteger, nullable=False, info=shown("channel")),
    Column("person_id", BigInteger, info=cleared()),
    Column("kind", Text, nullable=False, info=shown("command")),
    Column("model", CleanText, nullable=False, info=shown("model")),
    Column("day", Integer, nullable=False),
    Column("created_at", Double, nullable=False, info=shown("ordered")),
    # The budget's period that it is reserved on, and how much; NULL where there was no budget.
    Column("period", Text),
    Column("starts", Integer),
    Column("reserved", BigInteger),
    # NULL: it is under way. Then what stands on the budget, which the real cost takes the place of once it is known.
    Column("ended_at", Double),
    Column("booked", BigInteger),
    # What the service says that it cost. NULL: it has not said.
    Column("actual", BigInteger, info=shown("cost")),
    # What the service called the requests, until the cost is known.
    Column("calls", JSON(none_as_null=True), info=nobodys("the service's")),
    CheckConstraint(one_of("kind", DAILY_KINDS), name="kind"),
    CheckConstraint("(period IS NULL) = (reserved IS NULL) AND (starts IS NULL) = (reserved IS NULL)", name="reserved"),
    CheckConstraint("reserved >= 0 AND booked >= 0 AND actual >= 0", name="amounts"),
    CheckConstraint("booked IS NULL OR ended_at IS NOT NULL", name="booked"),
    Index("ix_costs_day", "day"),
    Index("ix_costs_guild", "guild_id", "day"),
    Index("ix_costs_person", "person_id", "day"),
    Index("ix_costs_generation", "generation_id"),
    Index("ix_costs_ended", "ended_at"),
    sqlite_autoincrement=True,
    info=rows("real_costs"),
)

# What stands on the owner's budget. What it may hold is BUDGET, which may change under way.
budgets = Table(
    "budgets",
    metadata,
    Column("period", Text, primary_key=True),
    # Days, weeks or months since 1970-01-01 (UTC).
    Column("starts", Integer, primary_key=True, autoincrement=False),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    Column("spent", BigInteger, nullable=False, server_default="0"),
    # The highest amount that the owner was told of, being a certain share of the budget.
    Column("alerted", BigInteger, nullable=False, server_default="0"),
    # When an order was last refused since it was used up.
    Column("refused_at", Double),
    CheckConstraint(one_of("period", ("day", "week", "month")), name="period"),
    CheckConstraint("reserved >= 0 AND spent >= 0", name="amounts"),
)

# What all servers' orders come to, of those that are final (`cogs.usage.total_rows`), by month and by what `kind` says.
TOTALS: Final = ("server", "channel", "person", "model", "day")
totals = Table(
    "totals",
    metadata,
    Column("id", RowId, primary_key=True),
    # Since January 1970.
    Column("month", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    # Of the server (0: direct messages), the channel or the person; the day; 0 of a model.
    Column("of_id", BigInteger, nullable=False, info=deleted("kind = 'person'")),
    Column("model", CleanText, nullable=False, info=nobodys("the service's")),
    # Of servers: orders that are settled, of how many people, and their credits.
    Column("orders", BigInteger, nullable=False, server_default="0"),
    Column("people", BigInteger, nullable=False, server_default="0", info=nobodys("how many")),
    Column("spent", BigInteger, nullable=False, server_default="0"),
    # What orders really cost, of how many of them the service told it, and how many ended.
    Column("amount", BigInteger, nullable=False, server_default="0", info=shown("cost")),
    Column("told", BigInteger, nullable=False, server_default="0"),
    Column("ended", BigInteger, nullable=False, server_default="0", info=shown("orders")),
    UniqueConstraint("month", "kind", "of_id", "model"),
    CheckConstraint(one_of("kind", TOTALS), name="kind"),
    Index("ix_totals_of_id", "of_id"),
    Index("ix_totals_most", "month", "kind", "amount"),
    info=rows("real_costs_by_month"),
)
