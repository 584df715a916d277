"""Which waiting videos may start. Fair by turns: each person's first before anyone's second, whoever had a turn longest
ago first, then the oldest.

The line is one server's (outside servers: one person's direct messages), because the limits are: rows of different
servers do not wait for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Subquery, case, false, func, or_, select, text, update

from bot.generation.rows.records import Generation
from bot.kinds import Kind
from bot.store.schema import generations as g

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection

_BUSY: Final = ("submitting", "running")
_ADMISSION_KEY: Final = int.from_bytes(b"OneKeyAd", "big")


def admit(
    c: Connection,
    *,
    person_limit: int,
    guild_limit: int,
    now: float,
    most: int | None = None,
    of_guild: Mapping[int, tuple[int, int]] | None = None,
    paused: Collection[tuple[str, int]] = (),
    process_id: int | None = None,
) -> list[Generation]:
    """Move queued videos to `submitting` as far as the limits allow, and return them in order, held (epoch raised).

    At most `person_limit` of a person and `guild_limit` of a guild are submitting or running at once (outside guilds
    only the person's limit counts); `of_guild` holds other limits, (a person's, the guild's), for some guilds. At most
    `most` are moved now. Rows whose message is not there yet, or whose place is `paused` (scope, id), stay. The rows
    are moved here, not by their workers, so that a second call right after the first sees the places taken; calls take
    turns.
    """
    if c.dialect.name == "postgresql":  # on SQLite the transaction itself is alone
        c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADMISSION_KEY})
    people = _busy(c, g.c.person_id)
    guilds = _busy(c, g.c.guild_id)
    chosen: list[int] = []
    line = _line(g.c.message_id.is_not(None) & ~_within(paused))
    order = (line.c.turn, line.c.served.nulls_first(), line.c.first, line.c.id)
    for id_, person_id, guild_id in c.execute(select(line.c.id, line.c.person_id, line.c.guild_id).order_by(*order)):
        if len(chosen) == most:
            break
        of_person, of_all = (of_guild or {}).get(guild_id, (person_limit, guild_limit))
        if people.get(person_id, 0) >= of_person:
            continue
        if guild_id is not None and guilds.get(guild_id, 0) >= of_all:
            continue
        people[person_id] = people.get(person_id, 0) + 1
        if guild_id is not None:
            guilds[guild_id] = guilds.get(guild_id, 0) + 1
        chosen.append(id_)
    if not chosen:
        return []
    values = {"state": "submitting", "submitted_at": now, "epoch": g.c.epoch + 1, "process_id": process_id}
    # A row that was cancelled a moment ago is queued no more and drops out here.
    moved = update(g).where(g.c.id.in_(chosen), g.c.state == "queued").values(values).returning(g)
    rows = {row.id: Generation(*row) for row in c.execute(moved)}
    return [rows[id_] for id_ in chosen if id_ in rows]


def has_queued(c: Connection) -> bool:
    """Whether any video waits at all: the common case is that none does, and then the line costs nothing."""
    return c.execute(select(g.c.id).where(g.c.state == "queued", g.c.kind == Kind.VIDEO).limit(1)).first() is not None


def position_in_line(c: Connection, id: int) -> int | None:  # noqa: A002 - the column's name
    """The place of a queued video in its line, from 1, in the order `admit` goes by. None: it is not waiting."""
    mine = c.execute(
        select(g.c.guild_id, g.c.person_id).where(g.c.id == id, g.c.kind == Kind.VIDEO, g.c.state == "queued")
    ).first()
    if mine is None:
        return None
    guild_id, person_id = mine
    here = (g.c.guild_id == guild_id) if guild_id is not None else g.c.guild_id.is_(None) & (g.c.person_id == person_id)
    line = _line(here)
    order = (line.c.turn, line.c.served.nulls_first(), line.c.first, line.c.id)
    places = select(line.c.id, func.row_number().over(order_by=order).label("place")).subquery()
    return c.execute(select(places.c.place).where(places.c.id == id)).scalar()


def positions_in_line(c: Connection) -> dict[int, tuple[Generation, int]]:
    """Every waiting video whose message stands, with its place in its line."""
    line = _line(g.c.message_id.is_not(None))
    # One line a server; outside servers, one a person.
    here = (line.c.guild_id, case((line.c.guild_id.is_(None), line.c.person_id)))
    order = (line.c.turn, line.c.served.nulls_first(), line.c.first, line.c.id)
    places = select(line.c.id, func.row_number().over(partition_by=here, order_by=order).label("place")).subquery()
    query = select(g, places.c.place).join(places, places.c.id == g.c.id)
    return {row.id: (Generation(*row[:-1]), row.place) for row in c.execute(query)}


def _within(places: Collection[tuple[str, int]]) -> ColumnElement[bool]:
    """Whether a row was ordered in one of `places`: a server, a category, or a channel with its threads."""
    columns = {
        "server": (g.c.guild_id,),
        "category": (g.c.category_id,),
        "channel": (g.c.channel_id, g.c.parent_channel_id),
    }
    return or_(
        false(),
        *(
            func.coalesce(column, 0).in_([id_ for at, id_ in places if at == scope])
            for scope, of_scope in columns.items()
            for column in of_scope
            if any(at == scope for at, _ in places)
        ),
    )


def _busy(c: Connection, column: ColumnElement[int | None]) -> dict[int | None, int]:
    query = select(column, func.count()).where(g.c.kind == Kind.VIDEO, g.c.state.in_(_BUSY)).group_by(column)
    return {key: count for key, count in c.execute(query)}  # noqa: C416 - rows are no pairs to a type checker


def _line(which: ColumnElement[bool]) -> Subquery:
    """The waiting rows with what orders them.

    `turn`: the first, second, … of this person here. `served`: when this person last had a turn here, since the line
    began to wait. `first`: the person's oldest row here; with it the order inside a turn stays what it was in the last.
    """
    waiting = (g.c.kind == Kind.VIDEO) & (g.c.state == "queued") & which
    began = select(func.min(g.c.created_at)).where(waiting).scalar_subquery()
    here = func.coalesce(g.c.guild_id, 0)
    served = (
        select(here.label("here"), g.c.person_id, func.max(g.c.submitted_at).label("at"))
        .where(g.c.kind == Kind.VIDEO, g.c.submitted_at >= began)
        .group_by(here, g.c.person_id)
        .subquery()
    )
    mine = (g.c.guild_id, g.c.person_id)
    return (
        select(
            g.c.id,
            g.c.person_id,
            g.c.guild_id,
            func.row_number().over(partition_by=mine, order_by=g.c.id).label("turn"),
            func.min(g.c.id).over(partition_by=mine).label("first"),
            served.c.at.label("served"),
        )
        .select_from(g.outerjoin(served, (served.c.here == here) & (served.c.person_id == g.c.person_id)))
        .where(waiting)
        .subquery()
    )
