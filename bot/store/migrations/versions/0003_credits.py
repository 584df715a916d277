"""Credits: prices of orders, accounts with what is reserved and spent, reservations, and what each charges where.

Reason: a ceiling on spending that can't be overdrawn, kept in the same transaction as the order itself.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("generations", sa.Column("price", sa.BigInteger))
    op.create_index("ix_generations_message", "generations", ["message_id"])
    op.create_table(
        "accounts",
        sa.Column("id", row_id, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("starts", sa.Integer, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("spent", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("granted", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("alerted", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint(
            "guild_id",
            "kind",
            "owner_id",
            "period",
            "starts",
            name="uq_accounts_guild_id_kind_owner_id_period_starts",
        ),
        sa.CheckConstraint("kind IN ('server', 'channel', 'person', 'grant')", name=op.f("ck_accounts_kind")),
        sa.CheckConstraint("period IN ('day', 'month', 'ever')", name=op.f("ck_accounts_period")),
        sa.CheckConstraint("reserved >= 0 AND spent >= 0 AND granted >= 0", name=op.f("ck_accounts_amounts")),
        sa.CheckConstraint("kind <> 'grant' OR reserved + spent <= granted", name=op.f("ck_accounts_covered")),
    )
    op.create_table(
        "reservations",
        sa.Column("id", row_id, nullable=False),
        sa.Column("guild_id", sa.BigInteger, nullable=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("generation_id", row_id),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("settled_at", sa.Double),
        sa.Column("spent", sa.BigInteger),
        sa.Column("spent_by_person", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name="fk_reservations_generation_id", ondelete="SET NULL"
        ),
        sa.CheckConstraint("kind IN ('ask', 'imagine', 'video')", name=op.f("ck_reservations_kind")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_reservations_price")),
        sa.CheckConstraint("(settled_at IS NULL) = (spent IS NULL)", name=op.f("ck_reservations_spent")),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (spent_by_person IS NULL)", name=op.f("ck_reservations_spent_by_person")
        ),
        sa.CheckConstraint(
            "spent BETWEEN 0 AND price AND spent_by_person BETWEEN 0 AND price", name=op.f("ck_reservations_within")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reservations_guild", "reservations", ["guild_id", "day"])
    op.create_index("ix_reservations_person", "reservations", ["person_id", "day"])
    op.create_index("ix_reservations_generation", "reservations", ["generation_id"])
    op.create_index("ix_reservations_settled", "reservations", ["settled_at"])
    op.create_table(
        "charges",
        sa.Column("reservation_id", row_id, nullable=False),
        sa.Column("account_id", row_id, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("reservation_id", "account_id", name="pk_charges"),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["reservations.id"], name="fk_charges_reservation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_charges_account_id"),
        sa.CheckConstraint("amount > 0", name=op.f("ck_charges_amount")),
    )
    op.create_index("ix_charges_account", "charges", ["account_id"])
