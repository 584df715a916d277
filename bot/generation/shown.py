"""Pictures on their cards, which people vote for and have more made of."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.errors import NotAllowed
from bot.generation.states import SHOWN
from bot.store import generations
from bot.store.generations import Generation


def shown_picture(connection: Connection, generation_id: int) -> Generation:
    """A picture's row. NotAllowed: it is no longer to be seen.

    Locked: its person may be deleting it, and what belongs to it; another press may order the same of it.
    """
    row = generations.get_locked(connection, generation_id)
    if row is None or row.removed_at is not None or row.kind != "image" or row.state not in SHOWN:
        raise NotAllowed("error.gone")
    return row
