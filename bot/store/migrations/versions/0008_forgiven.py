"""How often a person is forgiven on a day, and which orders were not.

Reason: what made nothing does not use up the day, and a lost order's price is given back, but not endlessly.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("generations", sa.Column("unforgiven", sa.Boolean, nullable=False, server_default=sa.false()))
    # SQLite makes the table anew: it numbers nothing, and nothing points at it.
    with op.batch_alter_table("daily_counts") as table:
        table.drop_constraint(op.f("ck_daily_counts_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_daily_counts_kind"), "kind IN ('ask', 'imagine', 'video', 'nothing_made', 'perhaps_made')"
        )
