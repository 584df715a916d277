"""Questions about prices: what is asked about is ordered by a press, whichever process that comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, insert

from bot.store.schema import QUESTION_SECONDS, price_questions

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Question(NamedTuple):
    """The columns' order is `schema.price_questions`'s. `event`: what is acted upon once more."""

    id: int
    person_id: int
    price: int
    event: dict[str, Any] | None
    at: float


def put(c: Connection, question: Question) -> None:
    c.execute(insert(price_questions).values(question._asdict()))


def take(c: Connection, id: int, *, person_id: int, now: float) -> Question | None:  # noqa: A002 - the column's name
    """The question, for who it was put to: once. None: it was taken, is over, or is somebody else's."""
    q = price_questions.c
    theirs = (q.id == id) & (q.person_id == person_id) & (q.at > now - QUESTION_SECONDS)
    found = c.execute(delete(price_questions).where(theirs).returning(price_questions)).first()
    return None if found is None else Question(*found)
