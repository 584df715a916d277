"""Who found nothing wrong with a reported message, and when.

Reason: a report could be dealt with by removing or blocking only, so that a line stood open for good.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("report_lines", sa.Column("closed_by", sa.BigInteger))
    op.add_column("report_lines", sa.Column("closed_at", sa.Double))
