"""The family of a picture: what it came from, what came of that, and what came of it, the nearest first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from bot.generation import rows as generations
from bot.generation.lineage import children_of, parent_of
from bot.states import State
from cogs.gallery import rows as gallery

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from bot.generation.records import Generation
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
    """`parent`: the id of what it came from, among the others of the tree."""

    row: Generation
    sight: Sight
    parent: int | None
    votes: int


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
    rows, parents, more = _explore(connection, row)
    seen = gallery.in_reach(connection, reach, rows)
    sights = {id_: _sight(each, seen) for id_, each in rows.items()}
    useful = _useful(rows, parents, sights)
    kept = _useful(list(useful)[:MOST], parents, sights)
    tallies = gallery.tally(connection, kept)
    relatives = {
        id_: Relative(rows[id_], sights[id_], parents[id_] if parents[id_] in kept else None, tallies.get(id_, 0))
        for id_ in kept
    }
    left_out = [rows[id_] for id_ in useful if id_ not in relatives and sights[id_] is Sight.SHOWN]
    return Family(relatives, left_out, at_least=more)


def _explore(connection: Connection, row: Generation) -> tuple[dict[int, Generation], dict[int, int | None], bool]:
    """Rows by id, in the order of their distance, and what each came from; whether there may be more of them."""
    rows = {row.id: row}
    parents: dict[int, int | None] = {}
    edge: Sequence[Generation] = [row]
    while edge and len(rows) < EXPLORED:
        found: list[Generation] = []
        for each in edge:
            if each.id in parents:
                continue
            parent = parent_of(connection, each)
            parents[each.id] = None if parent is None else parent.id
            if parent is not None and parent.id not in rows:
                found.append(parent)
                rows[parent.id] = parent
        for child, parent_id in children_of(connection, [each.id for each in edge], limit=EXPLORED):
            if child.id not in rows:
                found.append(child)
                rows[child.id], parents[child.id] = child, parent_id
        edge = found
    for each in edge:
        parents.setdefault(each.id, None)
    return rows, parents, bool(edge)


def _sight(row: Generation, seen: Collection[int]) -> Sight:
    if row.id not in seen:
        return Sight.HIDDEN
    if row.removed_at is not None or (row.state == State.DELIVERED and row.message_id is None):
        return Sight.REMOVED
    return Sight.SHOWN if row.state == State.DELIVERED else Sight.HIDDEN


def _useful(ids: Iterable[int], parents: Mapping[int, int | None], sights: Mapping[int, Sight]) -> dict[int, None]:
    """Those to be shown, and those that one of these came from; in the same order."""
    there = dict.fromkeys(ids)
    needed: set[int] = set()
    for id_ in there:
        ancestor: int | None = id_ if sights[id_] is Sight.SHOWN else None
        while ancestor is not None and ancestor in there and ancestor not in needed:
            needed.add(ancestor)
            ancestor = parents[ancestor]
    return {id_: None for id_ in there if id_ in needed}
