"""`copies`: the messages in which an order's results were delivered again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.schema import copies
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection


def note(c: Connection, generation_id: int, message_id: int) -> None:
    """Note a message that shows them; nothing changes if it is noted already."""
    made = insert_for(c, copies).values(generation_id=generation_id, message_id=message_id)
    c.execute(made.on_conflict_do_nothing(index_elements=[copies.c.message_id]))


def generation_of(c: Connection, message_id: int) -> int | None:
    """The order whose results a message shows again."""
    return c.execute(select(copies.c.generation_id).where(copies.c.message_id == message_id)).scalar()


def is_one(c: Connection, generation_id: int, message_id: int) -> bool:
    """Whether that message shows the results of this order."""
    where = (copies.c.message_id == message_id) & (copies.c.generation_id == generation_id)
    return c.execute(select(copies.c.message_id).where(where)).first() is not None
