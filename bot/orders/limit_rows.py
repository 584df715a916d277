"""What is counted where moderators set limits: how many orders of a kind a person placed at a scope, or everybody did.

An image's or video's order keeps which counts it took one of (`limit_uses`), so that exactly those can be given back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import delete, insert, select, tuple_, update

from bot.store.schema import limit_counts, limit_uses
from bot.store.schema.people import NOBODY
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection, RowMapping

EVERYBODY: Final = NOBODY
"""Whose a count is that is no person's."""


class Key(NamedTuple):
    """A count: the columns of its unique index, in order. `ends_at`: Unix seconds of its period's end."""

    scope: str
    scope_id: int
    person_id: int
    kind: str
    period: str
    ends_at: float


class Count(NamedTuple):
    id: int
    used: int


_KEY: Final = [limit_counts.c[name] for name in Key._fields]


def take(c: Connection, keys: Collection[Key]) -> dict[Key, Count]:
    """Add one to each count; return them as they are then, which is exact however many come at once.

    Whoever finds one too high undoes the transaction.
    """
    # Always in one order, so that none waits for another in a ring.
    rows = [{**key._asdict(), "used": 1} for key in sorted(keys)]
    made = insert_for(c, limit_counts).values(rows)
    added = made.on_conflict_do_update(index_elements=_KEY, set_={"used": limit_counts.c.used + 1})
    found = c.execute(added.returning(limit_counts)).mappings()
    return {_key(row): Count(row["id"], row["used"]) for row in found}


def used(c: Connection, keys: Collection[Key]) -> dict[Key, int]:
    """How many are used; what was never counted is not there."""
    if not keys:
        return {}
    query = select(limit_counts).where(tuple_(*_KEY).in_([tuple(key) for key in keys]))
    return {_key(row): row["used"] for row in c.execute(query).mappings()}


def note(c: Connection, generation_id: int, counts: Collection[int]) -> None:
    """An order took one of each of these."""
    if counts:
        c.execute(insert(limit_uses), [{"generation_id": generation_id, "count_id": count} for count in counts])


def taken(c: Connection, generation_id: int) -> Sequence[int]:
    """The counts that an order took one of, and that were not given back."""
    return c.execute(select(limit_uses.c.count_id).where(limit_uses.c.generation_id == generation_id)).scalars().all()


def give_back(c: Connection, counts: Collection[int], *, generation_id: int | None = None) -> None:
    """Undo one `take` of each, once: of an order that keeps them, they are then not `taken` any more."""
    if not counts:
        return
    if generation_id is not None:
        c.execute(delete(limit_uses).where(limit_uses.c.generation_id == generation_id))
    mine = limit_counts.c.id.in_(counts) & (limit_counts.c.used > 0)
    held = list(c.execute(select(limit_counts.c.id).where(mine).order_by(*_KEY).with_for_update()).scalars())
    c.execute(update(limit_counts).where(limit_counts.c.id.in_(held)).values(used=limit_counts.c.used - 1))


def _key(row: RowMapping) -> Key:
    return Key(*(row[name] for name in Key._fields))
