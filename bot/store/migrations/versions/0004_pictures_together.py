"""Making pictures together: what an order was made from, the pictures it sends along, votes, and jams.

Reason: buttons under pictures order children of them, people vote, and a group makes one picture in rounds; all of it
goes on after a restart.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # In SQL, with the constraints inside: SQLite takes them with a new column, and only so. A table made anew would
    # begin its numbers at the highest id that is left, and an id is never used a second time.
    id_type = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for column in (
        (
            "action TEXT CONSTRAINT ck_generations_action CHECK (action IN"
            " ('reroll', 'retry', 'remix', 'vary', 'upscale', 'edit', 'animate', 'round'))"
        ),
        "source_position INTEGER CONSTRAINT ck_generations_source_position CHECK (source_position >= 0)",
        f"source_id {id_type} CONSTRAINT ck_generations_source CHECK (source_id <> id)",
    ):
        op.execute(f"ALTER TABLE generations ADD COLUMN {column}")
    op.create_index("ix_generations_source", "generations", ["source_id"])
    op.add_column("results", sa.Column("attachment", sa.Text))
    op.add_column("results", sa.Column("form", sa.Integer))
    op.create_table(
        "inputs",
        sa.Column("generation_id", row_id, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("path", sa.Text),
        sa.Column("content_type", sa.Text),
        sa.Column("size", sa.BigInteger),
        sa.Column("expires_at", sa.Double),
        sa.PrimaryKeyConstraint("generation_id", "position", name="pk_inputs"),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_inputs_generation_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_inputs_position")),
        sa.CheckConstraint("url IS NOT NULL OR path IS NOT NULL", name=op.f("ck_inputs_somewhere")),
    )
    op.create_table(
        "votes",
        sa.Column("generation_id", row_id, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("voted_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("generation_id", "person_id", name="pk_votes"),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_votes_generation_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_votes_position")),
    )
    op.create_index("ix_votes_person", "votes", ["person_id"])
    _create_jams(row_id)


def _create_jams(row_id: sa.types.TypeEngine[int]) -> None:
    op.create_table(
        "jams",
        sa.Column("id", row_id, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("category_id", sa.BigInteger),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("final_message_id", sa.BigInteger),
        sa.Column("slot", sa.BigInteger),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("started_by", sa.BigInteger),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("theme", sa.Text, nullable=False),
        sa.Column("style", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False, server_default="0"),
        sa.Column("round", sa.Integer, nullable=False, server_default="1"),
        sa.Column("paid_by", sa.Text, nullable=False),
        sa.Column("ideas_each", sa.Integer, nullable=False),
        sa.Column("closing", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ended_by", sa.BigInteger),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("ends_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double),
        sa.PrimaryKeyConstraint("id", name="pk_jams"),
        sa.UniqueConstraint("slot", name="uq_jams_slot"),
        sa.CheckConstraint(
            "state IN ('opening', 'open', 'merging', 'review', 'making', 'voting', 'closing', 'over')",
            name=op.f("ck_jams_state"),
        ),
        sa.CheckConstraint("paid_by IN ('starter', 'pool')", name=op.f("ck_jams_paid_by")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_jams_round")),
        sa.CheckConstraint("ideas_each >= 1", name=op.f("ck_jams_ideas_each")),
        sa.CheckConstraint("(state = 'over') = (ended_at IS NOT NULL)", name=op.f("ck_jams_ended")),
        sa.CheckConstraint("(state = 'over') = (slot IS NULL)", name=op.f("ck_jams_slot")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jams_state", "jams", ["state"])
    op.create_index("ix_jams_thread", "jams", ["thread_id"])
    op.create_index("ix_jams_started_by", "jams", ["started_by"])
    op.create_table(
        "jam_members",
        sa.Column("jam_id", row_id, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("joined_at", sa.Double, nullable=False),
        sa.Column("left_at", sa.Double),
        sa.PrimaryKeyConstraint("jam_id", "person_id", name="pk_jam_members"),
        sa.ForeignKeyConstraint(["jam_id"], ["jams.id"], name="fk_jam_members_jam_id", ondelete="CASCADE"),
    )
    op.create_index("ix_jam_members_person", "jam_members", ["person_id"])
    op.create_table(
        "jam_rounds",
        sa.Column("jam_id", row_id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("prompt", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("generation_id", row_id),
        sa.Column("votes_until", sa.Double),
        sa.Column("winner", sa.Integer),
        sa.Column("tied", sa.Integer),
        sa.PrimaryKeyConstraint("jam_id", "number", name="pk_jam_rounds"),
        sa.ForeignKeyConstraint(["jam_id"], ["jams.id"], name="fk_jam_rounds_jam_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_jam_rounds_generation_id", ondelete="SET NULL"
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_jam_rounds_number")),
        sa.CheckConstraint("winner >= 0", name=op.f("ck_jam_rounds_winner")),
    )
    op.create_index("ix_jam_rounds_generation", "jam_rounds", ["generation_id"])
    op.create_table(
        "jam_ideas",
        sa.Column("id", row_id, nullable=False),
        sa.Column("jam_id", row_id, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("part", sa.Text),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jam_ideas"),
        sa.ForeignKeyConstraint(["jam_id"], ["jams.id"], name="fk_jam_ideas_jam_id", ondelete="CASCADE"),
        sa.CheckConstraint("round >= 1", name=op.f("ck_jam_ideas_round")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jam_ideas_jam", "jam_ideas", ["jam_id", "round", "id"])
    op.create_index("ix_jam_ideas_person", "jam_ideas", ["person_id"])
