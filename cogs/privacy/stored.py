"""All that is stored of a person, read from the tables that declare something of people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from bot.store.schema import metadata
from cogs.privacy import apart, rows
from cogs.privacy.lines import line_of, moment
from cogs.privacy.walk import PAGE

if TYPE_CHECKING:
    from sqlalchemy import Table

    from bot.store.database import Database

_FIRST: Final = (
    "orders",
    "used_each_day",
    "credits/balances",
    "credits/orders",
    "credits/granted",
    "real_costs",
    "real_costs_by_month",
    "changes_of_settings",
    "settings_in_force",
    "orders_of_others_that_you_ended_or_removed",
    "conversations",
    "jams",
)
"""The file's sections in this order; others come after them."""


async def all_of(database: Database, person_id: int) -> dict[str, Any]:
    """Section → its lines, but for the tokens that Discord gave for a quarter of an hour."""
    found = await apart.shown(database, person_id)
    for table in metadata.tables.values():
        if table.info.get("section") and rows.owner(table) is not None:
            found[table.info["section"]] = await _lines(database, table, person_id)
    stored: dict[str, Any] = {"person": person_id, "written": moment(time.time())}
    for section in dict.fromkeys((*_FIRST, *found)):
        into, _, within = section.rpartition("/")
        (stored.setdefault(into, {}) if into else stored)[within] = found[section]
    return stored


async def _lines(database: Database, table: Table, person_id: int) -> list[dict[str, Any]]:
    """A person's rows of a table, each with those that belong to it."""
    lines: list[dict[str, Any]] = []
    line, key, after = line_of(table), [column.name for column in rows.key_of(table)], None
    with_it = [(part, to) for part, to in rows.parts(table) if rows.owner(part) is None and part.info.get("section")]
    while page := await database.run(rows.page, table, person_id, after=after, limit=PAGE):
        made = [line(row) for row in page]
        for part, to in with_it:
            of = {row["id"]: one for row, one in zip(page, made, strict=True)}
            part_line = line_of(part)
            for row in await database.run(rows.belonging, part, to, list(of)):
                of[row[to.name]].setdefault(part.info["section"], []).append(part_line(row))
        lines.extend(made)
        after = [page[-1][name] for name in key]
    return lines
