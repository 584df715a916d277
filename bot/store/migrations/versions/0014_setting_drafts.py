"""What moderators chose and have not applied yet.

Reason: nothing changes until Apply, and a half-done choice survives a restart.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setting_drafts",
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("scope_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("drafted_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "scope", "scope_id", name="pk_setting_drafts"),
        sa.CheckConstraint("scope IN ('server', 'category', 'channel')", name=op.f("ck_setting_drafts_scope")),
    )
