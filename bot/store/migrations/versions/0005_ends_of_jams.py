"""Whether the end of a jam that is over is to be brought up to date.

Reason: pictures that are removed go from the message that a jam ended with, also after a restart.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jams", sa.Column("end_due", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_jams_end_due", "jams", ["end_due"])
