"""`parents`: what each order was made of, the first one first. An image made of several has all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from bot.generation.rows.records import Generation
from bot.store.schema import generations, parents

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Parent:
    """An order that another was made of. `position`: which of its images went along, from 0; None: only its words."""

    id: int
    position: int | None = None


def put(c: Connection, generation_id: int, new: Sequence[Parent]) -> None:
    """Store the parents of an order that has none."""
    rows = [
        {"generation_id": generation_id, "position": number, "parent_id": one.id, "source_position": one.position}
        for number, one in enumerate(dict.fromkeys(new))
    ]
    if rows:
        c.execute(insert(parents), rows)


def of(c: Connection, ids: Collection[int]) -> Mapping[int, Sequence[Parent]]:
    """The parents of each of these, as far as they are still there; those that have none are left out."""
    query = select(parents).where(parents.c.generation_id.in_(ids))
    found: dict[int, list[Parent]] = {}
    for row in c.execute(query.order_by(parents.c.generation_id, parents.c.position)):
        found.setdefault(row.generation_id, []).append(Parent(row.parent_id, row.source_position))
    return found


def children(c: Connection, ids: Collection[int], *, limit: int) -> list[Generation]:
    """What was ordered of any of these, oldest first: the failed ones too."""
    made = select(parents.c.generation_id).where(parents.c.parent_id.in_(ids))
    query = select(generations).where(generations.c.id.in_(made)).order_by(generations.c.id).limit(limit)
    return [Generation(*row) for row in c.execute(query)]
