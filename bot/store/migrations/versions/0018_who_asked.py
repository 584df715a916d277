"""Whether an answer says who asked, and which message it is about.

Reason: of an answer to a form Discord does not show whose it is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("turns", sa.Column("says_who", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("turns", sa.Column("about_id", sa.BigInteger))
