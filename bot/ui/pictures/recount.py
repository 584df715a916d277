"""After a start: cards whose last votes the process before may not have shown, when it died within that second."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from bot.generation.states import State
from bot.store import generations, votes
from bot.ui.edits import Handle

if TYPE_CHECKING:
    from bot.store.database import Database
    from bot.store.generations import Generation
    from bot.ui.boards import Boards
    from bot.ui.deliverer import CardDeliverer

WITHIN_SECONDS = 86_400.0
MOST_CARDS = 50
"""The ones that were voted on last; each costs an edit by the bot's own token."""


async def recount(database: Database, deliverer: CardDeliverer, boards: Boards) -> None:
    """Show the votes of the cards that were voted on last; once, at the start."""
    for row in await database.run(_voted_on, since=time.time() - WITHIN_SECONDS):
        boards.refresh(("image", row.message_id), Handle.of(row), partial(deliverer.current, row.id))


def _voted_on(connection: Connection, *, since: float) -> list[Generation]:
    """Those that the bot itself reaches, and of which it is noted what they show."""
    found: list[Generation] = []
    for id_ in votes.voted_on(connection, since=since, limit=MOST_CARDS):
        shown = generations.with_results(connection, id_)
        if shown is None:
            continue
        row, results = shown
        reached = row.state == State.DELIVERED and row.message_id is not None and not row.token_only
        if reached and any(result.form is not None for result in results):
            found.append(row)
    return found
