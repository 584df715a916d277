"""What people chose for themselves, and reports of messages.

Reason: a person's language, privacy and notifications are theirs wherever they are; a message that several people
report is one line in the log channel, which can be acted upon after a restart.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_choices",
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("private", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("notify", sa.Text, nullable=False, server_default="always"),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.CheckConstraint("language IN ('en', 'zh_CN')", name="language"),
        sa.CheckConstraint("notify IN ('always', 'long', 'never')", name="notify"),
        sa.PrimaryKeyConstraint("person_id", name="pk_own_choices"),
    )
    op.create_table(
        "reports",
        sa.Column("message_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("reported_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "person_id", name="pk_reports"),
    )
    op.create_index("ix_reports_person", "reports", ["person_id", "reported_at"])
    op.create_index("ix_reports_reported", "reports", ["reported_at"])
    op.create_table(
        "report_lines",
        sa.Column("message_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("asked_by", sa.BigInteger),
        sa.Column("log_channel_id", sa.BigInteger, nullable=False),
        sa.Column("log_message_id", sa.BigInteger),
        sa.Column("count", sa.Integer, nullable=False, server_default="1"),
        sa.Column("reported_by", sa.BigInteger),
        sa.Column("reported_at", sa.Double, nullable=False),
        sa.Column("removed_by", sa.BigInteger),
        sa.Column("removed_at", sa.Double),
        sa.PrimaryKeyConstraint("message_id", name="pk_report_lines"),
    )
    op.create_index("ix_report_lines_reported", "report_lines", ["reported_at"])
