"""What a clip turned out to be, and who is told that what they ordered is done.

Reason: a card says what came where that is not what was asked for; and somebody who waited for minutes is told once,
whatever happens to the process meanwhile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "notices",
        sa.Column("generation_id", row_id, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_notices_generation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("generation_id", name="pk_notices"),
    )
    op.create_index("ix_notices_person", "notices", ["person_id", "channel_id", "due_at"])
    op.add_column("results", sa.Column("width", sa.Integer))
    op.add_column("results", sa.Column("height", sa.Integer))
    op.add_column("results", sa.Column("seconds", sa.Double))
    op.add_column("results", sa.Column("sound", sa.Boolean))
