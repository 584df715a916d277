"""What moderators set, and its history."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Double, Index, Table, Text

from bot.store.schema.base import RowId, metadata, one_of

SCOPES: Final = ("server", "category", "channel")

settings = Table(
    "settings",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("scope_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("changed_by", BigInteger, nullable=False),
    Column("changed_at", Double, nullable=False),
    Column("guild_id", BigInteger),
    CheckConstraint(one_of("scope", SCOPES), name="scope"),
    Index("ix_settings_guild", "guild_id"),
)

setting_changes = Table(
    "setting_changes",
    metadata,
    Column("id", RowId, primary_key=True),
    # Changes made in one go (an import, an undo) share the id of the first of them.
    Column("batch", RowId),
    Column("undoes", RowId),
    Column("guild_id", BigInteger),
    Column("scope", Text, nullable=False),
    Column("scope_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    # SQL's NULL: nothing was, or is, set.
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    # Forgotten when that person has their data deleted.
    Column("changed_by", BigInteger),
    Column("changed_at", Double, nullable=False),
    CheckConstraint(one_of("scope", SCOPES), name="scope"),
    Index("ix_setting_changes_guild", "guild_id", "id"),
    Index("ix_setting_changes_scope", "scope", "scope_id", "id"),
    Index("ix_setting_changes_batch", "batch"),
    sqlite_autoincrement=True,
)
