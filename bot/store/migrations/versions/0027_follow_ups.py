"""Whether a card is what its interaction's token calls the original message, or a follow-up; and what people are asked
about the price of.

Reason: a press on a card is acknowledged before its order is stored where that takes long, and then the original
message is the pressed card. A question about a price outlives its process, and goes with its shard.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("generations", sa.Column("original", sa.Boolean, nullable=False, server_default=sa.true()))
    op.create_table(
        "price_questions",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("event", sa.JSON(none_as_null=True)),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_price_questions"),
    )
    op.create_index("ix_price_questions_person", "price_questions", ["person_id"])
    op.create_index("ix_price_questions_at", "price_questions", ["at"])
