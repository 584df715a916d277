"""How far one transaction goes, and walks of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cogs.privacy import rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Table

    from bot.store.database import Database

PAGE: Final = 500
"""Rows of a person read or deleted in one transaction."""
STEP: Final = 2000
"""Rows of everybody looked at in one: some milliseconds, which is what a command may have to wait."""


async def ranges(database: Database, table: Table, size: int) -> AsyncIterator[tuple[int, int]]:
    """The whole table, `size` rows at a time: ids in (the first, the second]."""
    after = 0
    while (upto := await database.run(rows.next_range, table, after=after, size=size)) is not None:
        yield after, upto
        after = upto
