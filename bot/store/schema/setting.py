"""What moderators set, and its history."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Double, Index, Table, Text

from bot.store.schema.base import SCOPES, CleanText, RowId, metadata, one_of
from bot.store.schema.people import BAR_OVER, apart, cleared, deleted, rows, shown

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
    Column("before", JSON(none_as_null=True), info=apart("before")),
    Column("after", JSON(none_as_null=True), info=apart("after")),
    Column("changed_by", BigInteger, info=cleared()),
    Column("changed_at", Double, nullable=False, info=shown("changed")),
    # A preset's name, or "import"; NULL: it was chosen or typed.
    Column("came_by", Text),
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
    Column("came_by", Text),
    CheckConstraint(one_of("scope", SCOPES), name="scope"),
    info=rows("settings_not_applied_yet", by="drafted_at", over=f"drafted_at <= :now - {DRAFT_SECONDS}"),
)

# Who may order nothing in a server.
bars = Table(
    "bars",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False, info=shown("server")),
    # With their data nobody is let in again.
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, info=deleted(BAR_OVER)),
    Column("reason", CleanText, nullable=False, info=shown("reason")),
    # NULL: until somebody lets them in again.
    Column("until", Double, info=shown("until")),
    Column("barred_by", BigInteger, info=cleared()),
    Column("barred_at", Double, nullable=False, info=shown("barred")),
    # When they were told.
    Column("told_at", Double, info=shown("told")),
    Index("ix_bars_person", "person_id"),
    Index("ix_bars_by", "barred_by"),
    Index("ix_bars_until", "until"),
    info=rows("barred", by="barred_at", over=BAR_OVER),
)
