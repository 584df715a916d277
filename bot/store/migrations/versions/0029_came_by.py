"""Whether a change of settings came of a preset or of a file.

Reason: the history told them like any other change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("setting_changes", sa.Column("came_by", sa.Text))
    op.add_column("setting_drafts", sa.Column("came_by", sa.Text))
