"""What moderators set, and its history."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Double, Index, Table, Text

from bot.store.schema.base import RowId, metadata, one_of
from bot.store.schema.people import apart, cleared, deleted, rows, shown

SCOPES: Final = ("server", "category", "channel")
DRAFT_SECONDS: Final = 7 * 86_400.0

settings = Table(
    "settings",
    metadata,
    Column("scope", Text, primary_key=True, info=shown("where")),
    Column("scope_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True, info=shown("setting")),
    Column("value", JSON, nullable=False, info=shown("value")),
    Column("changed_by", BigInteger, nullable=False, info=cleared()),
    Column("changed_at", Double, nullable=False, info=shown("changed")),
    Column("guild_id", BigInteger, info=shown("server")),
    CheckConstraint(one_of("scope", SCOPES), name="scope"),
    Index("ix_settings_guild", "guild_id"),
    info=rows("settings_in_force", by="changed_at"),
)

setting_changes = Table(
    "setting_changes",
    metadata,
    Column("id", RowId, primary_key=True),
    # Changes made in one go (an import, an undo) share the id of the first of them.
    Column("batch", RowId),
    Column("undoes", RowId),
    Column("guild_id", BigInteger, info=shown("server")),
    Column("scope", Text, nullable=False, info=shown("where")),
    Column("scope_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False, info=shown("setting")),
    # SQL's NULL: nothing was, or is, set.
    Column("before", JSON(none_as_null=True), info=shown("before")),
    Column("after", JSON(none_as_null=True), info=apart("after")),
    Column("changed_by", BigInteger, info=cleared()),
    Column("changed_at", Double, nullable=False, info=shown("changed")),
    CheckConstraint(one_of("scope", SCOPES), name="scope"),
    Index("ix_setting_changes_guild", "guild_id", "id"),
    Index("ix_setting_changes_scope", "scope", "scope_id", "id"),
    Index("ix_setting_changes_batch", "batch"),
    sqlite_autoincrement=True,
    info=rows("changes_of_settings"),
)

# What somebody chose in the panel and has not applied yet: setting → [what was set there, what is to be].
setting_drafts = Table(
    "setting_drafts",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, info=deleted()),
    Column("scope", Text, primary_key=True, info=shown("where")),
    Column("scope_id", BigInteger, primary_key=True, autoincrement=False),
    Column("guild_id", BigInteger, info=shown("server")),
    Column("changes", JSON, nullable=False, info=shown("changes")),
    Column("drafted_at", Double, nullable=False, info=shown("drafted")),
    CheckConstraint(one_of("scope", SCOPES), name="scope"),
    info=rows("settings_not_applied_yet", by="drafted_at", over=f"drafted_at <= :now - {DRAFT_SECONDS}"),
)
