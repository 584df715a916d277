"""What people chose for themselves."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Double, Table, Text, false

from bot.store.schema.base import metadata, one_of
from bot.store.schema.people import deleted, rows, shown

LANGUAGES: Final = ("en", "zh_CN")
NOTIFY: Final = ("always", "long", "never")
"""When a person is notified: of all that is done, of what takes long, of nothing."""

own_choices = Table(
    "own_choices",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, info=deleted()),
    # None: as their Discord is set.
    Column("language", Text, info=shown("language")),
    Column("private", Boolean, nullable=False, server_default=false(), info=shown("private_by_default")),
    Column("notify", Text, nullable=False, server_default="always", info=shown("notified")),
    Column("changed_at", Double, nullable=False, info=shown("changed")),
    CheckConstraint(one_of("language", LANGUAGES), name="language"),
    CheckConstraint(one_of("notify", NOTIFY), name="notify"),
    info=rows("own_choices", by="changed_at"),
)
