"""What was deleted because people wanted it.

Reason: a backup that is restored must not bring it back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("generation_id", sa.BigInteger),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("again_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_deletions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deletions_at", "deletions", ["at"])
    op.create_index("ix_deletions_person", "deletions", ["person_id"])
    op.create_index("ix_deletions_again", "deletions", ["again_at"])
