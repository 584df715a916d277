"""What each order was made of, in a table of its own.

Reason: an image may be made of several others. Those of before have the one that they have; a try that failed in
between is passed over for good, as it was each time that somebody looked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOST_TRIES = 20


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "parents",
        sa.Column("generation_id", row_id, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("parent_id", row_id, nullable=False),
        sa.Column("source_position", sa.Integer),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_parents_generation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["generations.id"], name="fk_parents_parent_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("generation_id", "position", name="pk_parents"),
        sa.CheckConstraint("parent_id <> generation_id", name=op.f("ck_parents_parent")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_parents_position")),
        sa.CheckConstraint("source_position >= 0", name=op.f("ck_parents_source_position")),
    )
    op.create_index("ix_parents_parent_id", "parents", ["parent_id"])
    op.execute(
        "INSERT INTO parents (generation_id, position, parent_id, source_position)"
        " SELECT made.id, 0, old.id, CASE WHEN made.source_id IS NOT NULL THEN made.source_position END"
        " FROM generations AS made JOIN generations AS old ON old.id = COALESCE(made.source_id, made.parent_id)"
        " WHERE made.action IS NOT NULL AND made.action <> 'retry'"
    )
    for _ in range(MOST_TRIES):
        op.execute(
            "UPDATE parents SET parent_id ="
            " (SELECT old.parent_id FROM generations AS old WHERE old.id = parents.parent_id)"
            " WHERE EXISTS (SELECT 1 FROM generations AS old WHERE old.id = parents.parent_id"
            " AND old.state IN ('failed', 'unknown', 'expired') AND old.parent_id IS NOT NULL)"
        )
    op.execute(
        "DELETE FROM parents WHERE EXISTS (SELECT 1 FROM generations AS old WHERE old.id = parents.parent_id"
        " AND old.state IN ('failed', 'unknown', 'expired'))"
    )
