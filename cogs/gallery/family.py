"""The family of a picture: what it came from, what came of that, and what came of it, the nearest first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from bot.generation.rows import generations, parents, queries
from bot.generation.rows.lineage import children_of
from bot.states import State
from cogs.gallery import rows as gallery

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from bot.generation.rows.parents import Parent
    from bot.generation.rows.records import Generation
    from cogs.gallery.rows import Reach

MOST: Final = 24
"""Pictures in one tree; more are too small to be seen on a telephone."""
EXPLORED: Final = 400
"""Orders that are looked at to find them, and to count the others."""


class Sight(Enum):
    """What a person is shown of a relative."""

    SHOWN = "shown"
    REMOVED = "removed"
    """Its card is gone; it is there for its children only, without prompt or name."""
    HIDDEN = "hidden"
    """Private, of another place, or where the person does not see it; for its children only, too."""


@dataclass(frozen=True, slots=True)
class Relative:
    """`parents`: what it was made of, as far as that is among the others; under the first one it stands."""

    row: Generation
    sight: Sight
    parents: Sequence[Parent]
    votes: int

    @property
    def parent(self) -> int | None:
        return next((one.id for one in self.parents), None)


@dataclass(frozen=True, slots=True)
class Family:
    """`relatives` by id, the picture itself first. `left_out`: that could be shown and are not; `at_least` so many."""

    relatives: Mapping[int, Relative]
    left_out: Sequence[Generation]
    at_least: bool


def read_family(connection: Connection, reach: Reach, generation_id: int) -> Family | None:
    """The family of an order, as far as a person may be shown it. None: there is no such one to be shown."""
    row = generations.get(connection, generation_id)
    if row is None or _sight(row, gallery.in_reach(connection, reach, [row.id])) is not Sight.SHOWN:
        return None
    rows, made_of, more = _explore(connection, row)
    seen = gallery.in_reach(connection, reach, rows)
    sights = {id_: _sight(each, seen) for id_, each in rows.items()}
    useful = _useful(rows, made_of, sights)
    kept = _useful(list(useful)[:MOST], made_of, sights)
    tallies = gallery.tally(connection, kept)
    relatives = {
        id_: Relative(rows[id_], sights[id_], [one for one in made_of[id_] if one.id in kept], tallies.get(id_, 0))
        for id_ in kept
    }
    left_out = [rows[id_] for id_ in useful if id_ not in relatives and sights[id_] is Sight.SHOWN]
    return Family(relatives, left_out, at_least=more)


def _explore(
    connection: Connection, row: Generation
) -> tuple[dict[int, Generation], dict[int, Sequence[Parent]], bool]:
    """Rows by id, in the order of their distance, and what each was made of; whether there may be more of them."""
    rows = {row.id: row}
    made_of: dict[int, Sequence[Parent]] = {}
    edge: Sequence[int] = [row.id]
    while edge and len(rows) < EXPLORED:
        found = parents.of(connection, edge)
        made_of |= {id_: found.get(id_, ()) for id_ in edge}
        before = queries.of_ids(connection, {one.id for of in found.values() for one in of} - rows.keys())
        after = {child.id: child for child in children_of(connection, edge, limit=EXPLORED)}
        new = {id_: each for id_, each in (before | after).items() if id_ not in rows}
        rows |= new
        edge = list(new)
    found = parents.of(connection, edge)
    made_of |= {id_: found.get(id_, ()) for id_ in edge}
    return rows, made_of, bool(edge)


def _sight(row: Generation, seen: Collection[int]) -> Sight:
    if row.id not in seen:
        return Sight.HIDDEN
    if row.removed_at is not None or (row.state == State.DELIVERED and row.message_id is None):
        return Sight.REMOVED
    return Sight.SHOWN if row.state == State.DELIVERED else Sight.HIDDEN


def _useful(
    ids: Iterable[int], made_of: Mapping[int, Sequence[Parent]], sights: Mapping[int, Sight]
) -> dict[int, None]:
    """Those to be shown, and those that one of these came from; in the same order."""
    there = dict.fromkeys(ids)
    needed: set[int] = set()
    open_ = [id_ for id_ in there if sights[id_] is Sight.SHOWN]
    while open_:
        id_ = open_.pop()
        if id_ in there and id_ not in needed:
            needed.add(id_)
            open_ += [one.id for one in made_of[id_]]
    return {id_: None for id_ in there if id_ in needed}
