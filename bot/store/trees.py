"""Rows that come from one another, by a column that names the row before: `parent_id`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Table


def take_out(c: Connection, table: Table, column: str, ids: Collection[int]) -> int:
    """Delete these rows; what comes from one goes on from what that came from. How many it were. `column`: says from
    what a row comes.

    A row's id is higher than that of the row that it comes from.
    """
    parent = table.c[column]
    if not ids:
        return 0
    above = table.alias()
    before = select(above.c[column]).where(above.c.id == bindparam("gone")).scalar_subquery()
    # In this order, where one of them comes from another.
    c.execute(
        update(table).where(parent == bindparam("gone")).values({parent: before}),
        [{"gone": id_} for id_ in sorted(ids)],
    )
    return c.execute(delete(table).where(table.c.id.in_(ids))).rowcount
