"""The turns of a channel are found by an index.

Reason: with every thread that was deleted in any server, and at the start for direct messages, all turns were looked
through.
"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_turns_here", "turns", ["guild_id", "channel_id", "id"])
