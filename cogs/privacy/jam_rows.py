"""What is stored of a person in jams and votes, to show it and to remove it; and what is forgotten of old jams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, cast, delete, func, or_, select, tuple_, update

from bot.orders.ledger import DAY_SECONDS
from bot.store.schema import jam_ideas, jam_members, jam_rounds, jams, settings, votes

if TYPE_CHECKING:
    from sqlalchemy import Connection


def jams_of(c: Connection, person_id: int) -> list[Any]:
    """The jams that a person started, closed, or was in, oldest first."""
    j = jams.c
    was_in = select(jam_members.c.jam_id).where(jam_members.c.person_id == person_id)
    gave = select(jam_ideas.c.jam_id).where(jam_ideas.c.person_id == person_id)
    theirs = or_(j.started_by == person_id, j.ended_by == person_id, j.id.in_(was_in), j.id.in_(gave))
    return list(c.execute(select(jams).where(theirs).order_by(j.id)))


def memberships_of(c: Connection, person_id: int) -> list[Any]:
    m = jam_members.c
    query = select(jam_members).where(m.person_id == person_id).order_by(m.jam_id)
    return list(c.execute(query))


def ideas_by(c: Connection, person_id: int, *, after_id: int, limit: int) -> list[Any]:
    """A page of a person's ideas, oldest first."""
    i = jam_ideas.c
    query = select(jam_ideas).where(i.person_id == person_id, i.id > after_id).order_by(i.id).limit(limit)
    return list(c.execute(query))


def votes_by(c: Connection, person_id: int, *, after_id: int, limit: int) -> list[tuple[int, int, float]]:
    """A page of a person's votes: the order's id, the picture's position (from 0), when; by the order's id."""
    v = votes.c
    query = select(v.generation_id, v.position, v.voted_at).where(v.person_id == person_id, v.generation_id > after_id)
    found = c.execute(query.order_by(v.generation_id).limit(limit))
    return [(generation_id, position, voted_at) for generation_id, position, voted_at in found]


def forget_person(c: Connection, person_id: int, *, limit: int) -> int:
    """Take a person's name from some jams and delete their ideas there, their being in them, and their votes; and what
    jams that are over were about, where it was them who said so.

    How many rows it were, at most some times `limit`; 0: there are none left. What was made of the ideas stays.
    """
    # The jams first, as everywhere: on PostgreSQL they would wait for each other.
    forgotten = 0
    started = (jams.c.started_by == person_id) & (jams.c.state == "over")
    some = select(jams.c.id).where(started).order_by(jams.c.id).limit(limit).with_for_update()
    c.execute(update(jams).where(jams.c.id.in_(list(c.execute(some).scalars()))).values(theme="", style=None))
    for column in (jams.c.started_by, jams.c.ended_by):
        some = select(jams.c.id).where(column == person_id).order_by(jams.c.id).limit(limit).with_for_update()
        ids = list(c.execute(some).scalars())
        forgotten += c.execute(update(jams).where(jams.c.id.in_(ids)).values({column: None})).rowcount
    for table, key in ((jam_ideas, (jam_ideas.c.id,)), (jam_members, (jam_members.c.jam_id, jam_members.c.person_id))):
        of_them = select(*key).where(table.c.person_id == person_id).limit(limit)
        forgotten += c.execute(delete(table).where(tuple_(*key).in_(of_them))).rowcount
    v = votes.c
    cast_ = select(v.generation_id).where(v.person_id == person_id).limit(limit)
    mine = (v.person_id == person_id) & v.generation_id.in_(cast_)
    return forgotten + c.execute(delete(votes).where(mine)).rowcount


def forget_old(c: Connection, *, now: float, days: int, limit: int) -> int:
    """Of jams that were over too long ago, remove what people and the service wrote; how many it were, at most `limit`.

    How long is kept is the server's `prompt_days`, else `days`.
    """
    j, r, i, s = jams.c, jam_rounds.c, jam_ideas.c, settings.c
    # Whole numbers are all that this key is ever stored with.
    of_server = (
        select(cast(cast(s.value, Text), Integer))
        .where(s.scope == "server", s.scope_id == j.guild_id, s.key == "prompt_days")
        .scalar_subquery()
    )
    old = j.ended_at < now - func.coalesce(of_server, days) * DAY_SECONDS
    merged = select(r.jam_id).where(r.jam_id == j.id, r.prompt.is_not(None) | r.detail.is_not(None))
    said = select(i.jam_id).where(i.jam_id == j.id, i.said != "")
    kept = (j.theme != "") | merged.exists() | said.exists()
    query = select(j.id).where(old, kept).order_by(j.id).limit(limit)
    ids = list(c.execute(query).scalars())
    c.execute(update(jams).where(j.id.in_(ids)).values(theme="", style=None))
    c.execute(update(jam_rounds).where(jam_rounds.c.jam_id.in_(ids)).values(prompt=None, detail=None))
    c.execute(update(jam_ideas).where(jam_ideas.c.jam_id.in_(ids)).values(said="", part=None))
    return len(ids)
