"""The history of settings; where a generation stands among the scopes of settings; who removed it.

Reason: moderators see and undo what was changed, a pause of a channel holds what its threads make, and a removed card
says who removed it. An answer that a dying process left growing is mended by the next one. Two settings get the
names that moderators read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RENAMED = {"videos_per_person": "max_running_videos_per_person", "videos_per_server": "max_running_videos"}


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "setting_changes",
        sa.Column("id", row_id, nullable=False),
        sa.Column("batch", row_id),
        sa.Column("undoes", row_id),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("scope_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sa.Column("changed_by", sa.BigInteger),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_setting_changes"),
        sa.CheckConstraint("scope IN ('server', 'category', 'channel')", name=op.f("ck_setting_changes_scope")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_setting_changes_guild", "setting_changes", ["guild_id", "id"])
    op.create_index("ix_setting_changes_scope", "setting_changes", ["scope", "scope_id", "id"])
    op.create_index("ix_setting_changes_batch", "setting_changes", ["batch"])
    op.create_table(
        "growing_answers",
        sa.Column("key", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("original", sa.Boolean, nullable=False),
        sa.Column("token_only", sa.Boolean, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("token_expires_at", sa.Double, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_growing_answers"),
    )
    op.add_column("generations", sa.Column("parent_channel_id", sa.BigInteger))
    op.add_column("generations", sa.Column("category_id", sa.BigInteger))
    op.add_column("generations", sa.Column("removed_by", sa.BigInteger))
    op.add_column("generations", sa.Column("removed_at", sa.Double))
    settings = sa.table("settings", sa.column("key", sa.Text))
    for old, new in RENAMED.items():
        op.execute(settings.update().where(settings.c.key == old).values(key=new))
