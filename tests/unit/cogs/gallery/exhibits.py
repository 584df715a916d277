"""What the tests of the gallery share: pictures in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import update

from bot.generation.rows import generations, parents
from bot.generation.rows.parents import Parent
from bot.generation.rows.records import NewGeneration
from bot.store.schema import generations as table

if TYPE_CHECKING:
    from sqlalchemy import Connection

HERE: Final = 20
"""The channel."""


def put(c: Connection, *made_of: int | Parent | None, **facts: Any) -> int:
    """A delivered picture, a remix of the first of `made_of`; keywords are columns."""
    of = [Parent(one) if isinstance(one, int) else one for one in made_of if one is not None]
    parent = of[0].id if of else None
    new: dict[str, Any] = {
        "kind": "image",
        "person_id": 1,
        "guild_id": 9,
        "channel_id": HERE,
        "message_id": 30,
        "context": "guild",
        "application_id": 40,
        "locale": "en",
        "prompt": "a red fox",
        "model": "wan",
        "parent_id": parent,
        "action": None if parent is None else "remix",
    }
    row = generations.insert(c, NewGeneration(**new), now=1.0)
    done = {"state": "delivered", "submitted_at": 2.0, "generated_at": 3.0, "ended_at": 4.0}
    c.execute(update(table).where(table.c.id == row.id).values(done | facts))
    parents.put(c, row.id, of)
    return row.id
