"""Answers that are growing, and where the message stands that grows: what the next process mends if this one dies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.store.schema import growing_answers as g
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Growing:
    """The columns' order is `schema.growing_answers`'s. `key`: the interaction's id. Times are Unix seconds."""

    key: int
    application_id: int
    channel_id: int
    message_id: int
    original: bool
    """Whether it is the interaction's own message; a follow-up otherwise."""
    token_only: bool
    token: str = field(repr=False)
    token_expires_at: float
    locale: str


def note(c: Connection, growing: Growing) -> None:
    """Keep where an answer grows now; it may have gone on in another message."""
    values = {name: getattr(growing, name) for name in Growing.__slots__}
    insert = insert_for(c, g).values(values)
    moved = {"message_id": insert.excluded.message_id, "original": insert.excluded.original}
    c.execute(insert.on_conflict_do_update(index_elements=[g.c.key], set_=moved))


def forget(c: Connection, key: int) -> None:
    """It has ended, and its message says so."""
    c.execute(delete(g).where(g.c.key == key))


def all_of_them(c: Connection) -> list[Growing]:
    return [Growing(*row) for row in c.execute(select(g).order_by(g.c.key))]
