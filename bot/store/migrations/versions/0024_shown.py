"""A server's pages of a gallery are found by what they show.

Reason: with ten million orders a page took seconds where few of a server's own are images that stand.
"""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_generations_shown", "generations", ["guild_id", "kind", "state", "id"])
