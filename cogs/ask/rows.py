"""Answers that are growing, and where the message stands that grows: what the next process mends if this one dies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, bindparam, delete, select, update

from bot.store.schema import growing_answers as g
from bot.store.upsert import put

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
    process_id: int | None = None
    """Of several processes the one that it grows in."""


_FORGET = delete(g).where(g.c.key == bindparam("ended", type_=BigInteger))
_CHANGED = tuple(name for name in Growing.__slots__ if name != "key")


def note(c: Connection, growing: Growing) -> None:
    """Keep where an answer grows now; it may have gone on in another message."""
    values = {name: getattr(growing, name) for name in Growing.__slots__}
    put(c, g, "key", values, changed=_CHANGED)


def grows_in(c: Connection, key: int) -> int | None:
    """Of several processes the one that an answer grows in; None: none is known."""
    return c.execute(select(g.c.process_id).where(g.c.key == key)).scalar()


def forget(c: Connection, key: int) -> None:
    """It has ended, and its message says so."""
    c.execute(_FORGET, {"ended": key})


def take_all(c: Connection, process_id: int | None) -> list[Growing]:
    """Those that no process that lives has; they are this one's now."""
    nobodys = g.c.process_id.is_(None)
    if process_id is None:
        found = c.execute(select(g).where(nobodys))
    else:
        found = c.execute(update(g).where(nobodys).values(process_id=process_id).returning(g))
    return sorted((Growing(*row) for row in found), key=lambda one: one.key)
