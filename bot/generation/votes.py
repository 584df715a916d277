"""`votes`: one a person and card, which voting again changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.store.schema import votes
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def cast(c: Connection, generation_id: int, person_id: int, position: int, *, now: float) -> None:
    """Vote for the picture at `position`, instead of the one voted for before."""
    vote = insert_for(c, votes).values(
        generation_id=generation_id, person_id=person_id, position=position, voted_at=now
    )
    changed = {"position": position, "voted_at": now}
    c.execute(vote.on_conflict_do_update(index_elements=[votes.c.generation_id, votes.c.person_id], set_=changed))


def counts(c: Connection, generation_id: int) -> Mapping[int, int]:
    """How many votes each position has; positions without one are left out."""
    query = select(votes.c.position, func.count()).where(votes.c.generation_id == generation_id)
    return {position: count for position, count in c.execute(query.group_by(votes.c.position))}  # noqa: C416 - rows


def voted_on(c: Connection, *, since: float, limit: int) -> list[int]:
    """The cards that were voted on after `since`, the last first."""
    last = func.max(votes.c.voted_at)
    query = select(votes.c.generation_id).where(votes.c.voted_at > since).group_by(votes.c.generation_id)
    return list(c.execute(query.order_by(last.desc()).limit(limit)).scalars())
