"""Conversations: what was asked and answered, where it stands, and what it was about.

Reason: the bot remembers what was said. Questions that may be asked once more are turns like all others.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    turns = op.create_table(
        "turns",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("parent_id", sa.BigInteger),
        sa.Column("first_id", sa.BigInteger, nullable=False),
        sa.Column("person_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("guild_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("headed", sa.Boolean, nullable=False),
        sa.Column("wanted_model", sa.Text),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("persona", sa.Text),
        sa.Column("prompt", sa.Text),
        sa.Column("files", sa.JSON),
        sa.Column("read", sa.Text),
        sa.Column("answer", sa.Text),
        sa.Column("finish", sa.Text),
        sa.Column("prompt_tokens", sa.Integer),
        sa.Column("answer_tokens", sa.Integer),
        sa.Column("asked_bytes", sa.Integer, nullable=False),
        sa.Column("answer_bytes", sa.Integer, nullable=False),
        sa.Column("asked_again", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("asked_at", sa.Double, nullable=False),
        sa.Column("ended_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.ForeignKeyConstraint(["parent_id"], ["turns.id"], name="fk_turns_parent_id", ondelete="SET NULL"),
    )
    for column in ("parent_id", "first_id", "person_id"):
        op.create_index(f"ix_turns_{column}", "turns", [column])
    op.create_table(
        "turn_messages",
        sa.Column("message_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("turn_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_turn_messages"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_turn_messages_turn_id", ondelete="CASCADE"),
    )
    op.create_index("ix_turn_messages_turn_id", "turn_messages", ["turn_id"])
    op.create_table(
        "turn_quotes",
        sa.Column("turn_id", sa.BigInteger, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("name", sa.Text),
        sa.Column("text", sa.Text),
        sa.PrimaryKeyConstraint("turn_id", "position", name="pk_turn_quotes"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_turn_quotes_turn_id", ondelete="CASCADE"),
    )
    op.create_index("ix_turn_quotes_person_id", "turn_quotes", ["person_id"])
    _take_over(turns)


def _take_over(turns: sa.Table) -> None:
    """Of the last day at most: those that failed, or were being answered."""
    bind = op.get_bind()
    columns = ("key", "person_id", "guild_id", "channel_id", "private", "model", "prompt", "asked_at")
    questions = sa.table("questions", *map(sa.column, columns), sa.column("file", sa.JSON))
    for asked in bind.execute(sa.select(questions)).mappings().all():
        bind.execute(
            sa.insert(turns).values(
                id=asked["key"],
                first_id=asked["key"],
                person_id=asked["person_id"],
                guild_id=asked["guild_id"],
                channel_id=asked["channel_id"],
                private=bool(asked["private"]),
                headed=True,
                wanted_model=asked["model"],
                model=asked["model"] or "",
                prompt=asked["prompt"],
                files=sa.null() if asked["file"] is None else [asked["file"]],
                asked_bytes=len(asked["prompt"].encode("utf-8", "replace")),
                answer_bytes=0,
                asked_at=asked["asked_at"],
                ended_at=asked["asked_at"],
            )
        )
    op.drop_table("questions")
