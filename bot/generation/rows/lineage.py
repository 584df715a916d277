"""What came from what: an order's parents and its children."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.generation.rows import parents, queries
from bot.generation.rows.records import Generation
from bot.states import RETRYABLE


def parents_of(connection: Connection, row: Generation) -> list[Generation]:
    """What `row` was made of, the first one first."""
    ids = [one.id for one in parents.of(connection, [row.id]).get(row.id, ())]
    found = queries.of_ids(connection, ids)
    return [found[id_] for id_ in dict.fromkeys(ids) if id_ in found]


def children_of(connection: Connection, ids: Sequence[int], *, limit: int, failed: bool = False) -> list[Generation]:
    """What was made of any of these, oldest first. `failed`: the failed tries, too."""
    return [row for row in parents.children(connection, ids, limit=limit) if failed or row.state not in RETRYABLE]
