"""The first tables: generations and their results, settings, daily counts, facts.

Reason: pictures and videos must outlive a restart, so each has a row before anything is sent to the service.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "generations",
        sa.Column("id", row_id, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("token_only", sa.Boolean, nullable=False),
        sa.Column("token", sa.Text),
        sa.Column("token_expires_at", sa.Double),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("count", sa.Integer, nullable=False, server_default="1"),
        sa.Column("parent_id", row_id),
        sa.Column("task_id", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("ended_by", sa.BigInteger),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("submitted_at", sa.Double),
        sa.Column("generated_at", sa.Double),
        sa.Column("ended_at", sa.Double),
        sa.Column("shown_state", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_generations"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["generations.id"], name="fk_generations_parent_id", ondelete="SET NULL"
        ),
        sa.CheckConstraint("kind IN ('image', 'video')", name=op.f("ck_generations_kind")),
        sa.CheckConstraint(
            "state IN ('queued', 'submitting', 'running', 'generated', "
            "'delivered', 'dropped', 'unknown', 'failed', 'expired', 'cancelled')",
            name=op.f("ck_generations_state"),
        ),
        sa.CheckConstraint("context IN ('guild', 'bot_dm', 'private_channel')", name=op.f("ck_generations_context")),
        sa.CheckConstraint("(context = 'guild') = (guild_id IS NOT NULL)", name=op.f("ck_generations_guild_context")),
        sa.CheckConstraint("epoch >= 0", name=op.f("ck_generations_epoch")),
        sa.CheckConstraint(
            "count BETWEEN 1 AND CASE kind WHEN 'image' THEN 4 ELSE 1 END", name=op.f("ck_generations_count")
        ),
        sa.CheckConstraint("(token IS NULL) = (token_expires_at IS NULL)", name=op.f("ck_generations_token")),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_generations_parent")),
        sa.CheckConstraint(
            "state <> 'queued' OR (task_id IS NULL AND submitted_at IS NULL)", name=op.f("ck_generations_queued")
        ),
        sa.CheckConstraint(
            "state NOT IN ('submitting', 'running', 'generated', 'delivered') OR submitted_at IS NOT NULL",
            name=op.f("ck_generations_submitted"),
        ),
        sa.CheckConstraint(
            "kind <> 'video' OR state <> 'running' OR task_id IS NOT NULL", name=op.f("ck_generations_running")
        ),
        sa.CheckConstraint(
            "state NOT IN ('generated', 'delivered') OR generated_at IS NOT NULL", name=op.f("ck_generations_generated")
        ),
        sa.CheckConstraint(
            "(state IN ('delivered', 'dropped', 'unknown', 'failed', 'expired', 'cancelled')) = (ended_at IS NOT NULL)",
            name=op.f("ck_generations_ended"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_generations_state", "generations", ["state", "kind", "id"])
    op.create_index("ix_generations_person", "generations", ["person_id", "id"])
    op.create_index("ix_generations_channel", "generations", ["channel_id", "id"])
    op.create_index("ix_generations_guild", "generations", ["guild_id", "id"])
    op.create_index("ix_generations_parent", "generations", ["parent_id"])
    op.create_index("ix_generations_submitted", "generations", ["submitted_at"])
    op.create_index("ix_generations_usual", "generations", ["kind", "model", "generated_at"])
    op.create_table(
        "results",
        sa.Column("id", row_id, nullable=False),
        sa.Column("generation_id", row_id, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("path", sa.Text),
        sa.Column("content_type", sa.Text),
        sa.Column("size", sa.BigInteger),
        sa.Column("expires_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_results"),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_results_generation_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("generation_id", "position", name="uq_results_generation_id_position"),
        sa.CheckConstraint("position >= 0", name=op.f("ck_results_position")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_results_size")),
        sa.CheckConstraint("url IS NOT NULL OR path IS NOT NULL", name=op.f("ck_results_somewhere")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "settings",
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("scope_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("changed_by", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.Double, nullable=False),
        sa.Column("guild_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("scope", "scope_id", "key", name="pk_settings"),
        sa.CheckConstraint("scope IN ('server', 'category', 'channel')", name=op.f("ck_settings_scope")),
    )
    op.create_index("ix_settings_guild", "settings", ["guild_id"])
    op.create_table(
        "daily_counts",
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "kind", "day", name="pk_daily_counts"),
        sa.CheckConstraint("kind IN ('ask', 'imagine', 'video')", name=op.f("ck_daily_counts_kind")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_daily_counts_used")),
    )
    op.create_index("ix_daily_counts_day", "daily_counts", ["day"])
    op.create_table(
        "facts",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_facts"),
    )
