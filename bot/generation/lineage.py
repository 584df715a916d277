"""What came from what: an order's parent and its children. Failed tries in between are passed over."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.generation import queries
from bot.generation import rows as generations
from bot.generation.records import Generation
from bot.states import RETRYABLE

MOST_RETRIES = 20
"""So many failed tries are passed over to find what a row really came from."""


def parent_of(connection: Connection, row: Generation) -> Generation | None:
    """What `row` was made from: the order whose picture it took, or the one before it that did not fail."""
    if row.action is None or row.action == "retry":
        return None
    parent_id = row.source_id or row.parent_id
    for _ in range(MOST_RETRIES):
        parent = generations.get(connection, parent_id) if parent_id is not None else None
        if parent is None or parent.state not in RETRYABLE:
            return parent
        parent_id = parent.parent_id
    return None


def children_of(
    connection: Connection, ids: Sequence[int], *, limit: int, failed: bool = False
) -> list[tuple[Generation, int]]:
    """What was made of these, with the id of which, oldest first: `limit` orders are looked at a step.

    `failed`: the failed tries are among them, too.
    """
    came_from = {id_: id_ for id_ in ids}
    found: list[tuple[Generation, int]] = []
    pending = list(ids)
    for _ in range(MOST_RETRIES):
        if not pending:
            break
        made = queries.made_from(connection, pending, limit=limit)
        pending = list[int]()
        for row in made:
            if row.action is None or row.action == "retry":
                continue  # a failed order once more: it came from nothing
            of = came_from[row.source_id if row.source_id is not None else row.parent_id or 0]
            if row.state in RETRYABLE:
                came_from[row.id] = of
                pending.append(row.id)
            if failed or row.state not in RETRYABLE:
                found.append((row, of))
    return sorted(found, key=lambda each: each[0].id)
