"""Questions that may be asked once more.

Reason: a failed or broken-off answer offers Retry and Edit and retry, after a restart too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("key", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("file", sa.JSON),
        sa.Column("asked_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_questions"),
    )
