"""Several processes on one database: who lives, who holds which shard, and whose a generation and an answer are.

Reason: shards leased in PostgreSQL, work that is taken over from a process that is silent, events that come to two.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "processes",
        sa.Column("id", row_id, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
        sa.Column("leaving", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint("kind IN ('run', 'worker')", name=op.f("ck_processes_kind")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "shards",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("process_id", row_id),
        sa.Column("next_id", row_id),
        sa.Column("ready", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_shards_process_id", "shards", ["process_id"])
    op.create_table(
        "turnstiles",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("due", sa.Double, nullable=False),
    )
    op.add_column("generations", sa.Column("process_id", row_id))
    op.drop_index("ix_generations_state", "generations")
    op.create_index("ix_generations_state", "generations", ["state", "process_id", "kind"])
    op.add_column("growing_answers", sa.Column("process_id", row_id))
    op.add_column("events", sa.Column("acted", sa.Boolean, nullable=False, server_default=sa.true()))
