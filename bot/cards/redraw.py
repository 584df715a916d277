"""Cards that have ended are drawn anew: votes that a process did not show before it died, and parents that are gone."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.cards.handles import handle_of
from bot.generation.rows import generations, queries, result_rows, votes
from bot.generation.rows.lineage import children_of
from bot.generation.rows.records import Generation
from bot.states import LIVE, SHOWN

if TYPE_CHECKING:
    from bot.cards.deliverer import CardDeliverer
    from bot.kit.coalesced_edits import CoalescedEdits
    from bot.store.database import Database

WITHIN_SECONDS = 86_400.0
MOST_CARDS = 50
"""The newest changes that a start makes up for; each costs an edit by the bot's own token."""
MOST_CHILDREN = 1000
"""Cards that name one that is removed."""


async def catch_up(database: Database, deliverer: CardDeliverer, coalesced: CoalescedEdits) -> None:
    """Show what the last process may not have shown of the last day; once, at the start."""
    since = time.time() - WITHIN_SECONDS
    voted_on = await database.run(_voted_on, since=since)
    removed = await database.run(queries.removed_since, since, limit=MOST_CARDS)
    named_by = await database.run(_named_by_children, removed)
    _redraw([*voted_on, *named_by[-MOST_CARDS:]], deliverer, coalesced)


async def redraw_children(
    database: Database, deliverer: CardDeliverer, coalesced: CoalescedEdits, removed: Collection[int]
) -> None:
    """These orders were removed: what was made from their pictures names them no more."""
    _redraw(await database.run(_named_by_children, removed), deliverer, coalesced)


def _redraw(rows: Sequence[Generation], deliverer: CardDeliverer, coalesced: CoalescedEdits) -> None:
    coalesced.one_by_one(
        (("image", row.message_id), handle_of(row), partial(deliverer.current, row.id)) for row in reversed(rows)
    )


def _voted_on(connection: Connection, *, since: float) -> list[Generation]:
    """Oldest first."""
    found = [generations.get(connection, id_) for id_ in votes.voted_on(connection, since=since, limit=MOST_CARDS)]
    return [row for row in reversed(found) if row is not None and _can_be_drawn(connection, row)]


def _named_by_children(connection: Connection, removed: Collection[int]) -> list[Generation]:
    """Oldest first."""
    made = children_of(connection, list(removed), limit=MOST_CHILDREN, failed=True)
    return [row for row in made if _can_be_drawn(connection, row)]


def _can_be_drawn(connection: Connection, row: Generation) -> bool:
    """Whether the bot itself reaches the card, which says how it ended, and it is noted what it shows."""
    if row.state in LIVE - SHOWN or row.message_id is None or row.token_only:
        return False
    results = result_rows.of_generation(connection, row.id) if row.state in SHOWN else ()
    return row.state not in SHOWN or any(result.form is not None for result in results)
