"""What is counted where moderators set limits, and which counts an order took one of; who is barred.

Reason: limits by count at every scope, for each person and for everybody together, and people who may order nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "limit_counts",
        sa.Column("id", row_id, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("scope_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("ends_at", sa.Double, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.UniqueConstraint(
            "scope",
            "scope_id",
            "person_id",
            "kind",
            "period",
            "ends_at",
            name=op.f("uq_limit_counts_scope_scope_id_person_id_kind_period_ends_at"),
        ),
        sa.CheckConstraint("scope IN ('server', 'category', 'channel')", name=op.f("ck_limit_counts_scope")),
        sa.CheckConstraint("kind IN ('ask', 'imagine', 'video')", name=op.f("ck_limit_counts_kind")),
        sa.CheckConstraint("period IN ('hour', 'day', 'month')", name=op.f("ck_limit_counts_period")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_limit_counts_used")),
    )
    op.create_index("ix_limit_counts_person", "limit_counts", ["person_id", "ends_at"])
    op.create_index("ix_limit_counts_ends", "limit_counts", ["ends_at"])
    op.create_table(
        "limit_uses",
        sa.Column("generation_id", row_id, nullable=False),
        sa.Column("count_id", row_id, nullable=False),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_limit_uses_generation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["count_id"], ["limit_counts.id"], name="fk_limit_uses_count_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("generation_id", "count_id", name="pk_limit_uses"),
    )
    op.create_index("ix_limit_uses_count", "limit_uses", ["count_id"])
    op.create_table(
        "bars",
        sa.Column("guild_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("until", sa.Double),
        sa.Column("barred_by", sa.BigInteger),
        sa.Column("barred_at", sa.Double, nullable=False),
        sa.Column("told_at", sa.Double),
        sa.PrimaryKeyConstraint("guild_id", "person_id", name="pk_bars"),
    )
    op.create_index("ix_bars_person", "bars", ["person_id"])
    op.create_index("ix_bars_by", "bars", ["barred_by"])
    op.create_index("ix_bars_until", "bars", ["until"])
