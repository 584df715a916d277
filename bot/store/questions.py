"""Questions whose answer grows, or failed: what it takes to ask them once more. Each is kept for a day at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from bot.store.schema import QUESTION_SECONDS
from bot.store.schema import questions as q

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Asked:
    """The columns' order is `schema.questions`'s. `key`: the interaction's id. `model`: that was asked for, if any.

    `file`: Discord's own description of it, with an address that ends. `asked_at`: Unix seconds.
    """

    key: int
    person_id: int
    guild_id: int | None
    channel_id: int
    private: bool
    model: str | None
    prompt: str
    file: dict[str, Any] | None
    asked_at: float


def keep(c: Connection, asked: Asked) -> None:
    c.execute(insert(q).values({name: getattr(asked, name) for name in Asked.__slots__}))


def get(c: Connection, key: int, *, now: float) -> Asked | None:
    """None: it is not kept any more, or was asked once more."""
    row = c.execute(select(q).where(q.c.key == key, q.c.asked_at > now - QUESTION_SECONDS)).first()
    return None if row is None else Asked(*row)


def take(c: Connection, key: int) -> bool:
    """Forget it. False: it was forgotten before."""
    return c.execute(delete(q).where(q.c.key == key)).rowcount == 1
