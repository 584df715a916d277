"""Who leads a jam now, when its round is made by itself, which image it began with, and the messages of a round.

Reason: a jam goes on without the person who started it, rounds have a clock that outlives the process, and each ends
with a message of its own. Of a jam that is under way its starter leads, and its host was last seen now; what was
finished before is told no more.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jams", sa.Column("host_id", sa.BigInteger))
    op.add_column("jams", sa.Column("host_seen_at", sa.Double, nullable=False, server_default="0"))
    op.add_column("jams", sa.Column("away", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("jams", sa.Column("round_seconds", sa.Integer))
    op.add_column("jams", sa.Column("round_due", sa.Double))
    op.add_column("jams", sa.Column("source_id", sa.BigInteger))
    op.add_column("jams", sa.Column("source_position", sa.Integer))
    op.create_index("ix_jams_host", "jams", ["host_id"])
    op.add_column("jam_rounds", sa.Column("maker_id", sa.BigInteger))
    op.add_column("jam_rounds", sa.Column("agreed", sa.Integer))
    op.add_column("jam_rounds", sa.Column("called_id", sa.BigInteger))
    op.add_column("jam_rounds", sa.Column("reveal_id", sa.BigInteger))
    op.add_column("jam_rounds", sa.Column("picture", sa.Text))
    op.create_index("ix_jam_rounds_maker", "jam_rounds", ["maker_id"])
    jams = sa.table("jams", sa.column("host_id"), sa.column("started_by"), sa.column("host_seen_at"))
    op.execute(jams.update().values(host_id=jams.c.started_by, host_seen_at=time.time()))
    rounds = sa.table(
        "jam_rounds", sa.column("winner"), sa.column("votes_until"), sa.column("reveal_id"), sa.column("called_id")
    )
    op.execute(rounds.update().where(rounds.c.winner.is_not(None)).values(reveal_id=0))
    op.execute(rounds.update().where(rounds.c.votes_until.is_not(None)).values(called_id=0))
