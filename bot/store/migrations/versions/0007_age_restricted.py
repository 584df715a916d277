"""Whether an order was made in an age-restricted channel, and where results were delivered again.

Reason: what was made there is delivered again in channels of that kind only, whatever has become of its own since. A
card that was delivered again is pressed by those who see it, and by nobody else who does not see where it was made.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("generations", sa.Column("age_restricted", sa.Boolean))
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "copies",
        sa.Column("message_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("generation_id", row_id, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_copies"),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_copies_generation_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_copies_generation_id", "copies", ["generation_id"])
