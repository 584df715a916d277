"""Pages of the pictures that a person may be shown, and the families that pictures come in.

Who may see what is filtered here, before a page is cut, so that pages are full.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import false, func, select, true

from bot.generation.rows.queries import of_ids
from bot.generation.rows.records import Generation
from bot.kinds import Kind
from bot.store.schema import generations, votes

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection, Select


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose pictures a person may be shown: those in `channels` of a server, threads among them.

    What is in other threads under `parents`, but for those in `but`, is found, too: whether it may be shown is still to
    be seen. Without a server: their own (`person_id`) in the one channel of their direct messages.
    """

    guild_id: int | None
    channels: frozenset[int]
    parents: frozenset[int] = frozenset()
    but: frozenset[int] = frozenset()
    person_id: int | None = None
    age_restricted: bool = False
    """With what was made in age-restricted channels."""

    @property
    def known(self) -> Reach:
        """With nothing in it that is still to be seen."""
        return replace(self, parents=frozenset(), but=frozenset())


class Sort(StrEnum):
    NEWEST = "n"
    VOTED = "v"


@dataclass(frozen=True, slots=True)
class Cursor:
    """An entry beside which a page begins, as it was then: how many votes it had, and its id."""

    votes: int
    id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """`votes`: of all its pictures together."""

    row: Generation
    votes: int

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.votes, self.row.id)


LOOK_AT: Final = 200
"""Of those with most votes so many are looked at first. SQLite would read the rows of all before it has the first."""
_G: Final = generations.c
_voted_on: Final = generations.alias()
_V: Final = _voted_on.c
_PUBLIC: Final = (
    (_G.kind == Kind.IMAGE)
    & (_G.state == "delivered")
    & (_G.private == false())
    & _G.removed_at.is_(None)
    & _G.message_id.is_not(None)
)


def page(
    c: Connection,
    reach: Reach,
    *,
    sort: Sort = Sort.NEWEST,
    by: int | None = None,
    since: float | None = None,
    cursor: Cursor | None = None,
    newer: bool = False,
    limit: int,
) -> list[Entry]:
    """At most `limit` entries, best first: those after `cursor`, or with `newer` those right before it.

    `by`: only this person's. `since`: ordered after these Unix seconds. Equal votes stand newest first.
    """
    where = _PUBLIC & _in_reach(reach)
    if by is not None:
        # The newest of theirs are looked at one by one. Without `is_` PostgreSQL takes the indexes by place, too, and
        # first gathers all that they ever made here: 40 ms instead of 0.2 where that is 20,000.
        where = _PUBLIC & _in_reach(reach).is_(true()) & (_G.person_id == by)
    if since is not None:
        where &= _G.created_at >= since
    if sort is Sort.NEWEST:
        found = _by_id(c, select(_G.id).where(where), cursor and cursor.id, newer=newer, limit=limit)
        tallies = tally(c, found)
        ids = [(id_, tallies.get(id_, 0)) for id_ in found]
    else:
        ids = _by_votes(c, where, _about(reach, by), cursor, newer=newer, limit=limit)
    if newer:
        ids.reverse()
    rows = of_ids(c, [id_ for id_, _ in ids])
    return [Entry(rows[id_], count) for id_, count in ids if id_ in rows]


def tally(c: Connection, ids: Collection[int]) -> dict[int, int]:
    """How many votes each of these has; those without one are left out."""
    of_them = select(votes.c.generation_id, func.count()).where(votes.c.generation_id.in_(ids))
    return {id_: count for id_, count in c.execute(of_them.group_by(votes.c.generation_id))}  # noqa: C416 - rows


def in_reach(c: Connection, reach: Reach, ids: Collection[int]) -> set[int]:
    """Those of `ids` that stand, or stood, where the person may see them."""
    where = _G.id.in_(ids) & (_G.private == false()) & _in_reach(reach)
    return set(c.execute(select(_G.id).where(where)).scalars())


def _in_reach(reach: Reach) -> ColumnElement[bool]:
    where = _where(reach)
    return where if reach.age_restricted else where & _G.age_restricted.is_not(true())


def _where(reach: Reach) -> ColumnElement[bool]:
    if reach.guild_id is None:
        return _G.channel_id.in_(reach.channels) & (_G.person_id == reach.person_id) & _G.guild_id.is_(None)
    here = _G.channel_id.in_(reach.channels)
    if reach.parents:
        here |= _G.parent_channel_id.in_(reach.parents) & _G.channel_id.not_in(reach.but)
    return (_G.guild_id == reach.guild_id) & here


def _about(reach: Reach, by: int | None) -> ColumnElement[bool]:
    """What an index alone tells of where pictures stand that are in reach: more than those."""
    if (person_id := by if reach.guild_id is not None else reach.person_id) is not None:
        return _V.person_id == person_id
    return (_V.guild_id == reach.guild_id) & (_V.kind == Kind.IMAGE) & (_V.state == "delivered")


def _by_id(c: Connection, query: Select[int], beside: int | None, *, newer: bool, limit: int) -> list[int]:
    """The ids after `beside`, going away from it."""
    if beside is not None:
        query = query.where(_G.id > beside if newer else _G.id < beside)
    return list(c.execute(query.order_by(_G.id.asc() if newer else _G.id.desc()).limit(limit)).scalars())


def _by_votes(
    c: Connection,
    where: ColumnElement[bool],
    about: ColumnElement[bool],
    cursor: Cursor | None,
    *,
    newer: bool,
    limit: int,
) -> list[tuple[int, int]]:
    """Ids with their votes, going away from `cursor`: first those with votes, then the others, or the other way."""
    with_votes = cursor is None or cursor.votes > 0
    found: list[tuple[int, int]] = []
    for voted in (False, True) if newer else (True, False):
        if len(found) >= limit or (voted is not with_votes and voted is not newer):
            continue  # the page is full, or this part lies behind
        beside = cursor if voted is with_votes else None
        room = limit - len(found)
        if voted:
            found += _voted(c, where, about, beside, newer=newer, limit=room)
        else:
            none = ~select(votes.c.generation_id).where(votes.c.generation_id == _G.id).exists()
            without = select(_G.id).where(where, none)
            found += [(id_, 0) for id_ in _by_id(c, without, beside and beside.id, newer=newer, limit=room)]
    return found


def _voted(
    c: Connection,
    where: ColumnElement[bool],
    about: ColumnElement[bool],
    beside: Cursor | None,
    *,
    newer: bool,
    limit: int,
) -> list[tuple[int, int]]:
    # Votes are counted by indexes alone; whether a picture is in reach is seen of the best, until there are enough.
    count = func.count()
    query = select(_V.id, count.label("count")).join_from(_voted_on, votes, _V.id == votes.c.generation_id).where(about)
    if beside is not None and newer:
        query = query.having((count > beside.votes) | ((count == beside.votes) & (_V.id > beside.id)))
    elif beside is not None:
        query = query.having((count < beside.votes) | ((count == beside.votes) & (_V.id < beside.id)))

    def ordered(number: ColumnElement[int], id_: ColumnElement[int]) -> tuple[ColumnElement[int], ...]:
        return (number.asc(), id_.asc()) if newer else (number.desc(), id_.desc())

    query = query.group_by(_V.id).order_by(*ordered(count, _V.id))
    found: list[tuple[int, int]] = []
    for most in (LOOK_AT, None):
        best = query.limit(most).subquery()
        reached = select(best.c.id, best.c["count"]).join_from(best, generations, _G.id == best.c.id)
        reached = reached.where(where.is_(true())).order_by(*ordered(best.c["count"], best.c.id)).limit(limit)
        found = [(id_, number) for id_, number in c.execute(reached)]
        if len(found) == limit:
            break
    return found
