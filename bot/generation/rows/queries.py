"""Which generations: lists of a person, of a place, in a state, what came of what. One row's life: `generations`."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, select, true, update

from bot.generation.rows.records import Generation
from bot.kinds import Kind
from bot.store import processes
from bot.store.schema import ENDED_STATES, LIVE_STATES, generations

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

USUAL_SAMPLE: Final = 20
"""How many of a model's last finished ones tell the usual time."""
USUAL_LEAST: Final = 3


def of_person(
    c: Connection, person_id: int, *, since: float | None = None, before_id: int | None = None, limit: int
) -> list[Generation]:
    """A person's rows, newest first; the next page is before the last one's id. `since`: Unix seconds."""
    mine = generations.c.person_id == person_id
    where = mine if since is None else mine & (generations.c.created_at >= since)
    return _page(c, where, before_id=before_id, limit=limit)


def of_place(
    c: Connection,
    guild_id: int,
    channel_id: int | None = None,
    *,
    by: int | None = None,
    since: float | None = None,
    before_id: int | None = None,
    limit: int,
) -> list[Generation]:
    """A server's rows, or those of one channel of it, the private ones too, newest first. `by`: a person's alone;
    `since`: Unix seconds.
    """
    where = generations.c.guild_id == guild_id
    if channel_id is not None:
        where &= generations.c.channel_id == channel_id
    if by is not None:
        # `is_`: the newest of theirs are looked at one by one, instead of gathering all that they ever made here.
        where = where.is_(true()) & (generations.c.person_id == by)
    if since is not None:
        where &= generations.c.created_at >= since
    return _page(c, where, before_id=before_id, limit=limit)


def in_states(c: Connection, states: Collection[str], *, process_id: int | None = None) -> list[Generation]:
    """The rows in these states, oldest first. `process_id`: those that this one of several works on; None: all."""
    query = select(generations).where(generations.c.state.in_(states)).order_by(generations.c.id)
    if process_id is not None:
        query = query.where(generations.c.process_id == process_id)
    return [Generation(*row) for row in c.execute(query)]


def ids_in_states(c: Connection, states: Collection[str], *, process_id: int | None = None) -> list[int]:
    """Like `in_states`, where the ids are enough: ten thousand whole rows take a tenth of a second.

    `process_id`: those that this one of several processes works on; None: all.
    """
    query = select(generations.c.id).where(generations.c.state.in_(states))
    if process_id is not None:
        query = query.where(generations.c.process_id == process_id)
    return list(c.execute(query).scalars())


def take_free(c: Connection, *, process_id: int, states: Collection[str], limit: int) -> list[Generation]:
    """Take so many of the rows in `states` that no process works on, or one that is gone, in any order: in order they
    would all be read for each few. Others take others meanwhile.
    """
    g = generations.c
    taken: list[Generation] = []
    left = processes.gone(c)
    for whose in (g.process_id.is_(None), *([g.process_id.in_(left)] if left else [])):
        free = select(g.id).where(g.state.in_(states), whose).limit(limit - len(taken))
        chosen = free.with_for_update(skip_locked=True).cte("chosen")
        values = {"epoch": g.epoch + 1, "process_id": process_id}
        mine = update(generations).where(g.id.in_(select(chosen.c.id))).values(values)
        taken += [Generation(*row) for row in c.execute(mine.returning(generations))]
    return taken


def leave_all(c: Connection, process_id: int) -> None:
    """A process works on nothing any more."""
    live = generations.c.state.in_(LIVE_STATES) & (generations.c.process_id == process_id)
    c.execute(update(generations).where(live).values(process_id=None))


def stuck(c: Connection, *, posted_before: float, before: float, limit: int) -> list[Generation]:
    """Queued rows that nobody has begun: images placed before `posted_before` whose message stands, and all that were
    placed before `before` whose message is not known to.
    """
    g = generations.c
    ready = g.message_id.is_not(None) & (g.kind == Kind.IMAGE) & (g.created_at < posted_before)
    lost = g.message_id.is_(None) & (g.created_at < before)
    query = select(generations).where(g.state == "queued", g.process_id.is_(None), ready | lost)
    return [Generation(*row) for row in c.execute(query.order_by(g.id).limit(limit))]


def live_of(c: Connection, person_id: int) -> list[Generation]:
    """A person's rows that have not ended, oldest first."""
    where = (generations.c.person_id == person_id) & generations.c.state.in_(LIVE_STATES)
    return [Generation(*row) for row in c.execute(select(generations).where(where).order_by(generations.c.id))]


def not_shown(c: Connection, *, since: float, before: float | None = None) -> list[Generation]:
    """Rows that ended after `since` (and before `before`) without their card saying so, oldest first.

    Not delivered ones: what made them so was the edit with the files, which an edit without them would take away.
    """
    g = generations.c
    behind = g.shown_state.is_(None) | (g.shown_state != g.state)
    told = g.state.in_(ENDED_STATES) & g.state.not_in(("delivered", "dropped"))
    query = select(generations).where(told, g.ended_at > since, g.message_id.is_not(None), behind)
    if before is not None:
        query = query.where(g.ended_at < before)
    return [Generation(*row) for row in c.execute(query.order_by(g.id))]


def removed_since(c: Connection, since: float, *, limit: int) -> list[int]:
    """The ids of what was removed after `since`, the last first."""
    g = generations.c
    query = select(g.id).where(g.removed_at > since).order_by(g.removed_at.desc()).limit(limit)
    return list(c.execute(query).scalars())


def of_ids(c: Connection, ids: Collection[int]) -> dict[int, Generation]:
    found = c.execute(select(generations).where(generations.c.id.in_(ids)))
    return {row.id: row for row in (Generation(*each) for each in found)}


def with_child(c: Connection, ids: Collection[int]) -> set[int]:
    """Those of `ids` that were ordered again (see `has_child`)."""
    g = generations.c
    ordered = (g.state != "cancelled") | g.submitted_at.is_not(None)
    found = c.execute(select(g.parent_id).where(g.parent_id.in_(ids), ordered)).scalars()
    return {id_ for id_ in found if id_ is not None}


def has_child(c: Connection, id: int) -> bool:  # noqa: A002
    """Whether it was ordered again. An order that was taken back before anything was sent does not count."""
    return bool(with_child(c, [id]))


def made_of(
    c: Connection,
    source_id: int,
    position: int,
    *,
    action: str,
    guild_id: int | None,
    channel_id: int,
    passed: Collection[int] = (),
) -> Generation | None:
    """What was made so of a picture, and stands or is on its way, for others to see too; the first one.

    In the server, or where there is none in the channel: elsewhere nobody here could see it. `passed`: not these.
    """
    g = generations.c
    where = (g.source_id == source_id) & (g.source_position == position) & (g.action == action) & ~g.private
    where &= g.channel_id == channel_id if guild_id is None else g.guild_id == guild_id
    where &= g.id.not_in(passed)
    there = g.state.in_((*LIVE_STATES, "delivered")) & g.removed_at.is_(None)
    row = c.execute(select(generations).where(where, there).order_by(g.id).limit(1)).first()
    return None if row is None else Generation(*row)


def ordered_between(
    c: Connection,
    between: tuple[float, float],
    *,
    person_id: int,
    channel_id: int,
    parent_id: int | None,
    action: str,
    prompt: str,
    source_position: int | None,
) -> list[Generation]:
    """What a person ordered just so in that time (Unix seconds), the newest first; without what was removed."""
    g = generations.c
    where = (
        (g.person_id == person_id)
        & (g.channel_id == channel_id)
        & (g.action == action)
        & (g.prompt == prompt)
        & g.removed_at.is_(None)
    )
    where &= g.parent_id.is_not_distinct_from(parent_id) & g.source_position.is_not_distinct_from(source_position)
    where &= g.created_at.between(*between)
    query = select(generations).where(where).order_by(g.id.desc()).limit(5)
    return [Generation(*row) for row in c.execute(query)]


def usual_seconds(c: Connection, *, kind: str, model: str) -> float | None:
    """Seconds from submit to result that this model usually takes: the median of its last ones. None: too few yet."""
    query = (
        select(generations.c.generated_at - generations.c.submitted_at)
        .where(generations.c.kind == kind, generations.c.model == model, generations.c.generated_at.is_not(None))
        .order_by(generations.c.generated_at.desc())
        .limit(USUAL_SAMPLE)
    )
    seconds = [value for value in c.execute(query).scalars() if value is not None]
    return max(0.0, median(seconds)) if len(seconds) >= USUAL_LEAST else None


def _page(c: Connection, whose: ColumnElement[bool], *, before_id: int | None, limit: int) -> list[Generation]:
    query = select(generations).where(whose).order_by(generations.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(generations.c.id < before_id)
    return [Generation(*row) for row in c.execute(query)]
