"""How much of a day's share each person has used. `kind` is ask, imagine or video, or one of `schema.FORGIVEN`: how
often they were forgiven. `day` counts from 1970-01-01 UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.store.schema import daily_counts
from bot.store.upsert import insert_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection


def take(c: Connection, *, person_id: int, kind: str, day: int, limit: int) -> bool:
    """Use one of `limit`; False when they are used up. One statement, so that many at once never pass the limit."""
    if limit < 1:
        return False
    insert = insert_for(c, daily_counts).values(person_id=person_id, kind=kind, day=day, used=1)
    taken = insert.on_conflict_do_update(
        index_elements=[daily_counts.c.person_id, daily_counts.c.kind, daily_counts.c.day],
        set_={"used": daily_counts.c.used + 1},
        where=daily_counts.c.used < limit,
    ).returning(daily_counts.c.used)
    return c.execute(taken).first() is not None


def give_back(c: Connection, *, person_id: int, kind: str, day: int) -> None:
    """Undo one `take`. Never below 0."""
    where = _row(person_id, kind, day) & (daily_counts.c.used > 0)
    c.execute(update(daily_counts).where(where).values(used=daily_counts.c.used - 1))


def used(c: Connection, *, person_id: int, kind: str, day: int) -> int:
    return c.execute(select(daily_counts.c.used).where(_row(person_id, kind, day))).scalar() or 0


def of_day(c: Connection, *, person_id: int, day: int) -> Mapping[str, int]:
    """All that a person used on a day, by kind; what has no count is not there."""
    mine = (daily_counts.c.person_id == person_id) & (daily_counts.c.day == day)
    return {kind: used for kind, used in c.execute(select(daily_counts.c.kind, daily_counts.c.used).where(mine))}  # noqa: C416 - rows are no pairs to a type checker


def _row(person_id: int, kind: str, day: int) -> ColumnElement[bool]:
    return (daily_counts.c.person_id == person_id) & (daily_counts.c.kind == kind) & (daily_counts.c.day == day)
