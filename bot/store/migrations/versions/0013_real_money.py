"""What each order really costs, and the owner's budget.

Reason: the service tells costs after the order, by the names of its calls; a ceiling is kept before, by a reserve.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "costs",
        sa.Column("id", row_id, nullable=False),
        sa.Column("generation_id", row_id),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("period", sa.Text),
        sa.Column("starts", sa.Integer),
        sa.Column("reserved", sa.BigInteger),
        sa.Column("ended_at", sa.Double),
        sa.Column("booked", sa.BigInteger),
        sa.Column("actual", sa.BigInteger),
        sa.Column("calls", sa.JSON),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_costs_generation_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_costs"),
        sa.CheckConstraint("kind IN ('ask', 'imagine', 'video')", name=op.f("ck_costs_kind")),
        sa.CheckConstraint(
            "(period IS NULL) = (reserved IS NULL) AND (starts IS NULL) = (reserved IS NULL)",
            name=op.f("ck_costs_reserved"),
        ),
        sa.CheckConstraint("reserved >= 0 AND booked >= 0 AND actual >= 0", name=op.f("ck_costs_amounts")),
        sa.CheckConstraint("booked IS NULL OR ended_at IS NOT NULL", name=op.f("ck_costs_booked")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_costs_day", "costs", ["day"])
    op.create_index("ix_costs_guild", "costs", ["guild_id", "day"])
    op.create_index("ix_costs_person", "costs", ["person_id", "day"])
    op.create_index("ix_costs_generation", "costs", ["generation_id"])
    op.create_index("ix_costs_ended", "costs", ["ended_at"])
    op.create_table(
        "budgets",
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("starts", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("reserved", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("spent", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("alerted", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("refused_at", sa.Double),
        sa.PrimaryKeyConstraint("period", "starts", name="pk_budgets"),
        sa.CheckConstraint("period IN ('day', 'week', 'month')", name=op.f("ck_budgets_period")),
        sa.CheckConstraint("reserved >= 0 AND spent >= 0", name=op.f("ck_budgets_amounts")),
    )
