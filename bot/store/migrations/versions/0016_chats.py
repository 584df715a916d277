"""Threads that somebody opened to talk with the bot, and new topics in direct messages.

Reason: what is said there is one conversation, without a mention where every message may be read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("channel_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("persona", sa.Text),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("several", sa.Boolean, nullable=False),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name="pk_chats"),
    )
    op.create_index("ix_chats_person_id", "chats", ["person_id"])
