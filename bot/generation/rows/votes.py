"""`votes`: one a person and card, which voting again changes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.store.schema import jam_rounds, votes
from bot.store.upsert import insert_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Executable


def cast(c: Connection, generation_id: int, person_id: int, position: int, *, now: float) -> None:
    """Vote for the picture at `position`, instead of the one voted for before."""
    vote = {"generation_id": generation_id, "person_id": person_id, "position": position, "voted_at": now}
    c.execute(_cast(c.dialect.name), vote)


@cache
def _cast(dialect: str) -> Executable:
    """Made once: many vote in the same moment."""
    vote = insert_in(dialect, votes)
    changed = {name: vote.excluded[name] for name in ("position", "voted_at")}
    return vote.on_conflict_do_update(index_elements=[votes.c.generation_id, votes.c.person_id], set_=changed)


def is_decided(c: Connection, generation_id: int) -> bool:
    """Whether the jam's round whose images these are has its winner."""
    r = jam_rounds.c
    won = select(r.jam_id).where(r.generation_id == generation_id, r.winner.is_not(None))
    return c.execute(won).first() is not None


def counts(c: Connection, generation_id: int) -> Mapping[int, int]:
    """How many votes each position has; positions without one are left out."""
    query = select(votes.c.position, func.count()).where(votes.c.generation_id == generation_id)
    return {position: count for position, count in c.execute(query.group_by(votes.c.position))}  # noqa: C416 - rows


def voted_on(c: Connection, *, since: float, limit: int) -> list[int]:
    """The cards that were voted on after `since`, the last first."""
    last = func.max(votes.c.voted_at)
    query = select(votes.c.generation_id).where(votes.c.voted_at > since).group_by(votes.c.generation_id)
    return list(c.execute(query.order_by(last.desc()).limit(limit)).scalars())
