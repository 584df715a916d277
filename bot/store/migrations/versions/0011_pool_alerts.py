"""What a pool's ceiling is, beside what is spent of it, and the alerts that are due.

Reason: a share of a pool is noticed when what reaches it is settled. What was told stays told, in `accounts.alerted`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "pool_alerts",
        sa.Column("account_id", row_id, nullable=False),
        sa.Column("percent", sa.Integer, nullable=False),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.Column("ceiling", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_pool_alerts_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", name="pk_pool_alerts"),
    )
    op.add_column("accounts", sa.Column("ceiling", sa.BigInteger, nullable=False, server_default="0"))
